package command

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
)

// become runs a command and exits with its status. Ctrl-C reaches both programs; what
// it means is up to the command.
func become(path string, args, env []string) error {
	// Not signal.Ignore: on Windows that leaves Ctrl-C to the system, which ends this
	// program and leaves the command without its parent.
	signal.Notify(make(chan os.Signal, 1), os.Interrupt)
	cmd := exec.Command(path, args[1:]...) //nolint:noctx // the command decides when it ends
	cmd.Env = env
	if err := quoteForBatch(cmd); err != nil {
		return &commandError{args[0], err}
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return &commandError{args[0], err}
	}
	os.Exit(cmd.ProcessState.ExitCode())
	return nil
}
