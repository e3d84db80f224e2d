package command

import (
	"errors"

	"golang.org/x/sys/unix"
)

// waitForEnd returns when a process has ended, even if its parent has not waited for it.
func waitForEnd(process int) {
	fd, err := unix.PidfdOpen(process, 0)
	if errors.Is(err, unix.ESRCH) {
		return
	}
	if err != nil { // before Linux 5.3, and in sandboxes
		pollForEnd(process)
		return
	}
	defer unix.Close(fd)
	for {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, -1)
		switch {
		case n > 0:
			return
		case err != nil && !errors.Is(err, unix.EINTR):
			pollForEnd(process)
			return
		}
	}
}
