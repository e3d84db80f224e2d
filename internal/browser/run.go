package browser

import (
	"fmt"
	"os/exec"
)

// run runs a program until it ends. Its output goes to the null device.
func run(program string, args ...string) error {
	wait, err := start(program, args...)
	if err != nil {
		return err
	}
	return wait()
}

// start starts a program and returns what waits for its end.
func start(program string, args ...string) (wait func() error, err error) {
	cmd := exec.Command(program, args...) //nolint:noctx // it outlives the sign-in
	detach(cmd)
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return func() error {
		if err := cmd.Wait(); err != nil {
			return fmt.Errorf("%s: %w", program, err)
		}
		return nil
	}, nil
}
