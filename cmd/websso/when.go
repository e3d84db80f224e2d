package main

import (
	"fmt"
	"time"
)

// until names a time as a person would: the date is left out if it is today.
func until(t time.Time) string {
	t, now := t.Local(), time.Now()
	if t.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return t.Format("15:04")
	}
	return t.Format("2006-01-02 15:04")
}

// period says how long d is, in its largest unit or two.
func period(d time.Duration) string {
	switch minutes := int(d.Round(time.Minute).Minutes()); {
	case minutes < 1:
		return "less than a minute"
	case minutes < 60:
		return count(minutes, "minute")
	case minutes < 24*60:
		if minutes%60 == 0 {
			return count(minutes/60, "hour")
		}
		return count(minutes/60, "hour") + " " + count(minutes%60, "minute")
	default:
		return count(minutes/(24*60), "day")
	}
}

func count(n int, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return fmt.Sprintf("%d %ss", n, unit)
}
