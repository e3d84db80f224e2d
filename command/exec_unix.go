//go:build unix

package command

import (
	"syscall"
)

// become replaces this program with a command, which then has the terminal, the signals
// and the exit status to itself.
func become(path string, args, env []string) error {
	return &commandError{args[0], syscall.Exec(path, args, env)}
}
