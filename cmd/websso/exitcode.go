package main

import (
	"context"
	"errors"
	"io/fs"
	"net/url"
	"os/exec"
	"syscall"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gophercloud-websso/websso"
)

// The exit statuses, as the help lists them.
const (
	exitOK            = 0
	exitOther         = 1
	exitUsage         = 2
	exitLoginRequired = 3
	exitScope         = 4
	exitKeystone      = 5
	exitTimeout       = 6
	exitPortInUse     = 7

	// Those of env(1) and of shells.
	exitNotExecutable = 126
	exitNotFound      = 127
	exitSignal        = 128
)

const exitHelp = `The exit status says what happened:
  0  done
  1  something else went wrong
  2  the command line, or the description of the cloud, can't be used
  3  a sign-in is required, and no browser may be opened
  4  the project, or other scope, is not yours
  5  Keystone can't be reached, or fails
  6  nobody signed in within the time allowed
  7  another program holds the port that the browser comes back to
exec ends with the status of its COMMAND, with 127 where there is no such
command and with 126 where it can't be run. After Ctrl-C it is 130.`

// failed is an error of a command at work. Every other one is about the command line.
type failed struct{ err error }

func (f failed) Error() string { return f.err.Error() }
func (f failed) Unwrap() error { return f.err }

// unusable is a command line, or a description of a cloud, that can't be used.
type unusable struct{ err error }

func (u unusable) Error() string { return u.err.Error() }
func (u unusable) Unwrap() error { return u.err }

// exitCode is the exit status for err.
func exitCode(err error) int {
	var (
		atWork      failed
		notUsable   unusable
		signal      stopped
		notRun      *commandError
		unreachable *url.Error
		answer      gophercloud.ErrUnexpectedResponseCode
	)
	switch {
	case err == nil:
		return exitOK
	case !errors.As(err, &atWork), errors.As(err, &notUsable):
		return exitUsage
	case errors.As(err, &signal):
		if s, ok := signal.signal.(syscall.Signal); ok {
			return exitSignal + int(s)
		}
		return exitOther
	case errors.As(err, &notRun):
		if errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
			return exitNotFound
		}
		return exitNotExecutable
	case errors.Is(err, websso.ErrLoginRequired):
		return exitLoginRequired
	case errors.Is(err, websso.ErrScope):
		return exitScope
	case errors.Is(err, websso.ErrTimeout):
		return exitTimeout
	case errors.Is(err, websso.ErrPortInUse):
		return exitPortInUse
	case errors.As(err, &answer):
		if answer.Actual >= 500 {
			return exitKeystone
		}
		return exitOther
	case errors.As(err, &unreachable), errors.Is(err, context.DeadlineExceeded):
		// (Not by net.Error: every syscall.Errno is one, a full disk's too.)
		return exitKeystone
	}
	return exitOther
}
