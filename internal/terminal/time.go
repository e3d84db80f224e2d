package terminal

import (
	"strconv"
	"strings"
	"time"
)

// Duration returns d in words, such as "5 minutes" or "1 hour 30 minutes".
func Duration(d time.Duration) string {
	if d < time.Second {
		return d.String()
	}
	d = d.Round(time.Second)
	var parts []string
	for _, unit := range []struct {
		length time.Duration
		name   string
	}{{time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}} {
		n := int(d / unit.length)
		d -= time.Duration(n) * unit.length
		switch n {
		case 0:
		case 1:
			parts = append(parts, "1 "+unit.name)
		default:
			parts = append(parts, strconv.Itoa(n)+" "+unit.name+"s")
		}
	}
	return strings.Join(parts, " ")
}

// Clock returns the local time of day of t, with the date if that is not today.
func Clock(t time.Time) string {
	t = t.Local()
	if now := time.Now(); t.Year() != now.Year() || t.YearDay() != now.YearDay() {
		return t.Format("2006-01-02 15:04")
	}
	return t.Format("15:04")
}
