//go:build unix

package handover

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// passedOn are the signals that reach the command through this program.
var passedOn = []os.Signal{
	syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM,
	syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGALRM, syscall.SIGWINCH,
}

// Run runs a command with this program's terminal, files and environment env, and returns
// its exit status, which is 128 and the signal's number if a signal ended it.
//
// Both are in one process group, so the terminal sends its signals to both. Others are
// passed on. If the command stops, so does this program, so that the shell can see it. If
// this program is killed, the command gets SIGTERM on Linux and FreeBSD.
func Run(path string, args, env []string) (status int, err error) {
	signals := make(chan os.Signal, 16)
	// A write to a pipe that nobody reads must not end this program before the command.
	signal.Notify(signals, syscall.SIGPIPE)
	for _, s := range passedOn {
		if !signal.Ignored(s) { // what is ignored here is ignored by the command
			signal.Notify(signals, s)
		}
	}
	defer signal.Stop(signals)

	cmd := exec.Command(path) //nolint:noctx // the command decides when it ends
	cmd.Args, cmd.Env = args, env
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	endWithParent(cmd)
	// The command gets SIGTERM when the thread ends that started it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	ended := make(chan struct{})
	defer close(ended)
	go func() {
		for {
			select {
			case s := <-signals:
				if s != syscall.SIGPIPE && !(isOfTerminal(s) && isForeground(syscall.Getpgrp())) {
					_ = cmd.Process.Signal(s) // it may have ended
				}
			case <-ended:
				return
			}
		}
	}()
	end, err := wait(cmd.Process)
	_ = cmd.Process.Release()
	if end.Signaled() {
		return 128 + int(end.Signal()), err
	}
	return end.ExitStatus(), err
}

// stopDelay is how long a command has to be stopped before this program stops as well. The
// terminal's Ctrl-Z stops both at once, and nothing must stop this one again after that.
const stopDelay = 50 * time.Millisecond

// wait waits until the command has ended.
func wait(command *os.Process) (syscall.WaitStatus, error) {
	options := 0
	for {
		var status syscall.WaitStatus
		n, err := syscall.Wait4(command.Pid, &status, options|syscall.WUNTRACED, nil)
		switch {
		case errors.Is(err, syscall.EINTR):
		case err != nil:
			return 0, os.NewSyscallError("wait", err)
		case n == 0: // it is still stopped
			options = 0
			stopToo(command)
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

// stopToo stops this program, so that the shell sees that the command has stopped itself,
// as a shell does by suspend. Who continues this program means both. Without a terminal
// there is no shell that would continue it.
func stopToo(command *os.Process) {
	own := syscall.Getpgrp()
	group, err := syscall.Getpgid(command.Pid)
	if err != nil || os.Getpid() == 1 || !isForeground(own) && !isForeground(group) {
		return
	}
	continued := make(chan os.Signal, 1)
	signal.Notify(continued, syscall.SIGCONT)
	defer signal.Stop(continued)
	_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
	<-continued // other threads, and perhaps this one, go on for a moment
	if group != own {
		_ = command.Signal(syscall.SIGCONT) // the shell continues this group only
	}
}

// isOfTerminal reports whether a signal is one that the terminal sends to all programs in
// its foreground.
func isOfTerminal(s os.Signal) bool {
	return s == syscall.SIGINT || s == syscall.SIGQUIT || s == syscall.SIGWINCH
}

// isForeground reports whether a process group is in the foreground of the terminal.
func isForeground(group int) bool {
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		return false
	}
	defer tty.Close()
	foreground, err := unix.IoctlGetInt(int(tty.Fd()), unix.TIOCGPGRP)
	return err == nil && foreground == group
}
