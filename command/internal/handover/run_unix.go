//go:build unix

package handover

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// passedOn are the signals that reach the command through this program.
var passedOn = []syscall.Signal{
	syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM,
	syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGALRM, syscall.SIGWINCH, syscall.SIGTSTP,
}

// ofTerminal are those that the terminal sends to all programs in its foreground. Such a one
// that somebody sends to this program alone, in the foreground, can't be told from them.
var ofTerminal = []os.Signal{syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTSTP, syscall.SIGWINCH}

// Run runs a command with this program's terminal, files and environment env, and returns
// its exit status, which is 128 and the signal's number if a signal ended it.
//
// Both are in one process group, so the terminal sends its signals to both. Others are
// passed on. ctx ends nothing once the command runs: what Ctrl-C means is up to the
// command. If the command stops, so does this program, so that the shell can see it. If
// this program is killed, the command gets SIGTERM on Linux and FreeBSD.
//
// At the end it calls remove. Signals can't end this program before that is done.
func Run(ctx context.Context, path string, args, env []string, remove func()) (status int, err error) {
	signals := make(chan os.Signal, 16)
	defer close(signals)
	defer signal.Stop(signals)
	defer remove()
	// A write to a pipe that nobody reads must not end this program before the command.
	signal.Notify(signals, syscall.SIGPIPE)
	for _, s := range passedOn {
		if !signal.Ignored(s) && !isIgnored(s) { // what is ignored here is ignored by the command
			signal.Notify(signals, s)
		}
	}
	if ctx.Err() != nil {
		return 0, context.Cause(ctx)
	}
	// The command gets SIGTERM when the thread ends that started it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	files := []*os.File{os.Stdin, os.Stdout, os.Stderr}
	command, err := os.StartProcess(path, args, &os.ProcAttr{Env: env, Files: files, Sys: endWithParent})
	if err != nil {
		return 0, err
	}
	tty, _ := os.OpenFile("/dev/tty", os.O_RDWR|syscall.O_NOCTTY, 0)
	defer tty.Close()
	c := &parent{command: command, tty: tty}
	go c.passOn(signals)
	end, err := c.wait()
	if end.Signaled() {
		return 128 + int(end.Signal()), err
	}
	return end.ExitStatus(), err
}

// parent is this program while a command runs.
type parent struct {
	command *os.Process
	tty     *os.File    // nil if there is none
	stopped atomic.Bool // it was asked to stop, and leaves that to the command
}

// passOn passes signals on to the command.
func (c *parent) passOn(signals <-chan os.Signal) {
	for s := range signals {
		if s == syscall.SIGTSTP {
			c.stopped.Store(true)
		}
		isSent := slices.Contains(ofTerminal, s) && c.foreground() == syscall.Getpgrp()
		if s != syscall.SIGPIPE && !isSent {
			_ = c.command.Signal(s) // it may have ended
		}
	}
}

// stopDelay is how long a command has to be stopped before this program stops as well.
// What stops both at once, and continues both soon, must not stop this one after that.
const stopDelay = 50 * time.Millisecond

// wait waits until the command has ended.
func (c *parent) wait() (syscall.WaitStatus, error) {
	options := 0
	for {
		var status syscall.WaitStatus
		n, err := syscall.Wait4(c.command.Pid, &status, options|syscall.WUNTRACED, nil)
		switch {
		case errors.Is(err, syscall.EINTR):
		case err != nil:
			return 0, os.NewSyscallError("wait", err)
		case n == 0: // it is still stopped
			options = 0
			c.stopToo()
		case status.Stopped():
			time.Sleep(stopDelay)
			options = syscall.WNOHANG | syscall.WCONTINUED
		case status.Continued():
			options = 0
		default:
			return status, nil
		}
	}
}

// stopToo stops this program, so that the shell sees that the command is stopped: by the
// terminal, by whoever asked this program to, or by itself, as by a shell's suspend. Who
// continues this program means both. In other cases there may be nobody who would.
func (c *parent) stopToo() {
	own := syscall.Getpgrp()
	group, err := syscall.Getpgid(c.command.Pid)
	asked, inFront := c.stopped.Swap(false), c.foreground()
	if err != nil || os.Getpid() == 1 || !asked && inFront != own && inFront != group {
		return
	}
	continued := make(chan os.Signal, 1)
	// A SIGTSTP that follows at once takes a SIGCONT back (POSIX.1, section 2.4.1), but arrives
	// only here if this program has continued.
	signal.Notify(continued, syscall.SIGCONT, syscall.SIGTSTP)
	defer signal.Stop(continued)
	_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
	<-continued       // other threads, and perhaps this one, go on for a moment
	if group != own { // the shell continues this group only
		if inFront == group && c.foreground() == own {
			_ = unix.IoctlSetPointerInt(int(c.tty.Fd()), unix.TIOCSPGRP, group) // as it was: bash does not look
		}
		_ = c.command.Signal(syscall.SIGCONT)
	}
}

// isIgnored reports whether this program was started with a signal ignored, of those that
// Go leaves alone. It is known on Linux alone.
func isIgnored(s syscall.Signal) bool {
	status, _ := os.ReadFile("/proc/self/status")
	_, list, _ := strings.Cut(string(status), "\nSigIgn:")
	var mask uint64
	_, _ = fmt.Sscanf(list, "%x", &mask)
	return mask&(1<<(s-1)) != 0
}

// foreground returns the process group in the foreground of the terminal, or -1 if there is
// no terminal: 0 is a group outside of this container, which can be this program's own.
func (c *parent) foreground() int {
	group, err := unix.IoctlGetInt(int(c.tty.Fd()), unix.TIOCGPGRP)
	if err != nil {
		return -1
	}
	return group
}
