package handover

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"os/signal"
)

// Run runs a command with this program's console, files and environment env, and returns
// its exit status. Ctrl-C reaches both programs; what it means is up to the command, and
// ctx ends nothing once that runs.
func Run(ctx context.Context, path string, args, env []string) (status int, err error) {
	// Not signal.Ignore: on Windows that leaves Ctrl-C to the system, which ends this
	// program and leaves the command without its parent.
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt)
	defer signal.Stop(signals)
	if ctx.Err() != nil {
		return 0, context.Cause(ctx)
	}
	cmd := exec.Command(path) //nolint:noctx // the command decides when it ends
	cmd.Args, cmd.Env = args, env
	if err := quoteForBatch(cmd); err != nil {
		return 0, err
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return 0, err
	}
	return cmd.ProcessState.ExitCode(), nil
}
