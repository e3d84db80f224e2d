//go:build !unix

package main

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
)

// become runs a command and ends with its exit status. Ctrl-C reaches both; what it
// means is the command's to say.
func become(path string, args, env []string) error {
	signal.Ignore(os.Interrupt)
	cmd := exec.Command(path, args[1:]...) //nolint:noctx // nothing of ours ends it
	cmd.Env = env
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return &commandError{args[0], err}
	}
	os.Exit(cmd.ProcessState.ExitCode())
	return nil
}
