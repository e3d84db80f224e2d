package private

import (
	"errors"
	"math/rand/v2"
	"runtime"
	"syscall"
	"time"
)

// busyLimit is for how long another program may have a file open. Virus scanners and
// indexers open what was just written, and need milliseconds.
const busyLimit = 2 * time.Second

// unlessBusy repeats f while another program has the file open in a way that keeps this
// one from opening, replacing or removing it, as is possible on Windows.
func unlessBusy(f func() error) error {
	for begin, wait := time.Now(), time.Millisecond; ; wait = min(2*wait, lockPoll) {
		err := f()
		if !isBusy(err) || time.Since(begin)+wait > busyLimit {
			return err
		}
		// Two that are in each other's way must not both come back at once.
		time.Sleep(wait/2 + rand.N(wait))
	}
}

// Errors of Windows ("System Error Codes").
const errorAccessDenied, errorSharingViolation, errorLockViolation = syscall.Errno(5), syscall.Errno(32), syscall.Errno(33)

func isBusy(err error) bool {
	var number syscall.Errno
	return runtime.GOOS == "windows" && errors.As(err, &number) &&
		(number == errorAccessDenied || number == errorSharingViolation || number == errorLockViolation)
}
