package command

import (
	"context"
	"errors"
	"net/url"
	"os"
	"strconv"
	"syscall"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/command/internal/screen"
	"github.com/gophercloud-websso/websso/internal/cloudconf"
)

// failed is the error of a command for the program that it is part of.
type failed struct{ err error }

func (f failed) Error() string { return screen.Unmarked(f.err) }
func (f failed) Unwrap() error { return f.err }

// exit is an error with an exit status of its own. If err is nil, the user has been told.
type exit struct {
	status int
	err    error
}

func (e exit) Error() string {
	if e.err == nil {
		return "exit status " + strconv.Itoa(e.status)
	}
	return e.err.Error()
}

func (e exit) Unwrap() error { return e.err }

// isTold reports whether the user has been told of an error.
func isTold(err error) bool {
	e, ok := err.(exit) //nolint:errorlint // as it comes from the command
	return ok && e.err == nil
}

// unusable is an error in the command line or in the description of a cloud.
func unusable(err error) error { return exit{2, err} }

// ExitStatus returns the exit status for an error of a command: 0 if err is nil, and
// otherwise what "help options" lists, which is 1 for most errors of a program's own
// commands. After exec it is the status of the command that was run.
func ExitStatus(err error) int {
	var (
		own         exit
		signal      stopped
		unreachable *url.Error
		setting     *cloudconf.SettingError
		answer      gophercloud.ErrUnexpectedResponseCode
	)
	switch {
	case err == nil:
		return 0
	case errors.As(err, &own):
		return own.status
	case errors.As(err, &signal):
		if s, ok := signal.signal.(syscall.Signal); ok {
			return 128 + int(s)
		}
	case errors.Is(err, websso.ErrLoginRequired):
		return 3
	case errors.Is(err, websso.ErrScope):
		return 4
	case errors.Is(err, websso.ErrTimeout):
		return 6
	case errors.Is(err, websso.ErrPortInUse):
		return 7
	case errors.As(err, &answer):
		if answer.Actual >= 500 {
			return 5
		}
	case errors.As(err, &unreachable), errors.Is(err, context.DeadlineExceeded):
		// net.Error would not do: every syscall.Errno implements it, also the one of a full disk.
		return 5
	case errors.As(err, &setting):
		return 2
	}
	return 1
}

// stopped is the error of a run that a signal stopped.
type stopped struct{ signal os.Signal }

func (s stopped) Error() string { return "stopped (" + s.signal.String() + ")" }

// Is reports that Ctrl-C is the user's own wish. Other signals come from programs, such as one
// that starts a plugin again and again and ends it each time: nobody has answered.
func (s stopped) Is(target error) bool {
	return target == context.Canceled && s.signal == os.Interrupt //nolint:errorlint // as errors.Is does
}
