//go:build unix

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

// serveVariable tells this program that it serves the command that its parent is about to
// become: its value is the parent's process ID.
const serveVariable = "WEBSSO_SERVE"

// serveFile is the descriptor to which the environment of the command is written.
const serveFile = 3

// parentInterval is how often the end of the command is looked for.
const parentInterval = 100 * time.Millisecond

// execRenewing becomes a command, after a second process of this program has signed in
// and serves a Keystone for as long as the command runs. So the command has the terminal,
// the signals and the exit status to itself, as without a server.
func (c *cloud) execRenewing(ctx context.Context, path string, args []string) error {
	if parent := os.Getenv(serveVariable); parent != "" {
		return c.serve(ctx, parent)
	}
	set, err := startServing(ctx)
	if err != nil {
		return err
	}
	c.noteNoProject()
	// From here on Ctrl-C belongs to the command.
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return become(path, args, apply(os.Environ(), set))
}

// startServing starts the second process, and returns the environment of the command.
func startServing(ctx context.Context) ([]setting, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("can't start a process that renews the token: %w", err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("can't start a process that renews the token: %w", err)
	}
	defer r.Close()
	// It ends by itself when this process or the command does.
	server := exec.Command(self, os.Args[1:]...) //nolint:noctx // it outlives this program
	server.Env = append(os.Environ(), serveVariable+"="+strconv.Itoa(os.Getpid()))
	server.Stderr = os.Stderr
	server.ExtraFiles = []*os.File{w}
	err = server.Start()
	w.Close()
	if err != nil {
		return nil, fmt.Errorf("can't start a process that renews the token: %w", err)
	}
	defer context.AfterFunc(ctx, func() { r.SetReadDeadline(time.Now()) })() //nolint:errcheck // a pipe has deadlines
	var values map[string]string
	if err := json.NewDecoder(r).Decode(&values); err == nil {
		var set []setting
		for name, value := range values {
			set = append(set, setting{name, value})
		}
		return set, nil
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	// It has said why.
	err = server.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() > 0 {
		return nil, alreadySaid{exit.ExitCode()}
	}
	return nil, fmt.Errorf("the process that renews the token ended: %w", err)
}

// serve serves a Keystone until the process parent has ended.
func (c *cloud) serve(ctx context.Context, parent string) error {
	syscall.CloseOnExec(serveFile)
	out := os.NewFile(serveFile, "environment")
	if out == nil {
		return unusable{errors.New(serveVariable + " is for websso itself: unset it")}
	}
	defer out.Close()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	ended := make(chan struct{})
	go func() {
		for strconv.Itoa(os.Getppid()) == parent {
			time.Sleep(parentInterval)
		}
		close(ended)
		cancel(errors.New("the command has ended"))
	}()
	server, err := c.startKeystone(ctx)
	switch {
	case ctx.Err() != nil:
		return alreadySaid{exitOther} // the parent says it
	case err != nil:
		return err
	}
	defer server.Close()

	// What the terminal or a supervisor sends to the command comes here too. Signals that
	// were ignored would be ignored by browsers too, which are started from here.
	signal.Notify(make(chan os.Signal, 1), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGPIPE)
	values := make(map[string]string)
	for _, s := range c.renewing(server) {
		values[s.name] = s.value
	}
	if err := json.NewEncoder(out).Encode(values); err != nil {
		return alreadySaid{exitOther} // the parent is gone
	}
	out.Close()
	<-ended
	return nil
}
