package command_test

import (
	"slices"
	"strconv"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// faster N A... than B... checks that one whole process is N times faster than another:
// by the best of several runs of each, taken in turn.
func faster(ts *testscript.TestScript, neg bool, args []string) {
	than := slices.Index(args, "than")
	if neg || than < 2 {
		ts.Fatalf("usage: faster N COMMAND than COMMAND")
	}
	times, err := strconv.Atoi(args[0])
	ts.Check(err)
	best := func(runs int, command []string) time.Duration {
		least := time.Hour
		for range runs {
			start := time.Now()
			ts.Check(ts.Exec(command[0], command[1:]...))
			least = min(least, time.Since(start))
		}
		return least
	}
	fast, slow := time.Hour, time.Hour
	for range 3 {
		fast = min(fast, best(10, args[1:than]))
		slow = min(slow, best(1, args[than+1:]))
	}
	ts.Logf("%s against %s: %.0f times", fast, slow, slow.Seconds()/fast.Seconds())
	if fast*time.Duration(times) > slow {
		ts.Fatalf("it takes %s against %s: less than %d times faster", fast, slow, times)
	}
}
