//go:build unix

package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// serveVariable tells this program that it serves the command that the process of that ID
// is about to become, or with detachPrefix that it starts the process which does.
const (
	serveVariable = "WEBSSO_SERVE"
	detachPrefix  = "detach "
)

// serveFile is the descriptor to which what comes of it is written.
const serveFile = 3

// tidyLimit bounds the wait for the other process to end.
const tidyLimit = 300 * time.Millisecond

// served is what comes of serving a command: its environment, or the exit status.
type served struct {
	Environment map[string]string
	Status      int
}

// execRenewing becomes a command, after another process of this program has signed in
// and serves a Keystone for as long as the command runs. So the command has the terminal,
// the signals and the exit status to itself, as without a server.
func (c *cloud) execRenewing(ctx context.Context, path string, args []string) error {
	if command := os.Getenv(serveVariable); command != "" {
		return c.serve(ctx, command)
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

// startServing starts the process that serves, and returns the environment of the command.
func startServing(ctx context.Context) ([]setting, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("can't start a process that renews the token: %w", err)
	}
	defer r.Close()
	// A command may wait until it has no children left, so the process must not be one.
	detacher, err := startSelf(detachPrefix+strconv.Itoa(os.Getpid()), w)
	w.Close()
	if err == nil {
		err = detacher.Wait()
	}
	if err != nil {
		return nil, fmt.Errorf("can't start a process that renews the token: %w", err)
	}
	defer context.AfterFunc(ctx, func() { r.SetReadDeadline(time.Now()) })() //nolint:errcheck // a pipe has deadlines
	var result served
	err = json.NewDecoder(r).Decode(&result)
	switch {
	case ctx.Err() != nil:
		// Ctrl-C has reached the other process as well, which tidies up the terminal.
		_ = r.SetReadDeadline(time.Now().Add(tidyLimit))
		_, _ = io.Copy(io.Discard, r)
		return nil, ctx.Err()
	case err != nil:
		return nil, errors.New("the process that renews the token ended: try again")
	case result.Environment == nil:
		_, _ = io.Copy(io.Discard, r) // until it has said why
		return nil, alreadySaid{result.Status}
	}
	var set []setting
	for name, value := range result.Environment {
		set = append(set, setting{name, value})
	}
	return set, nil
}

// startSelf starts this program again, with the same arguments.
func startSelf(serve string, out *os.File) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, os.Args[1:]...) //nolint:noctx // it outlives this program
	cmd.Env = append(os.Environ(), serveVariable+"="+serve)
	cmd.Stderr = os.Stderr
	cmd.ExtraFiles = []*os.File{out}
	return cmd, cmd.Start()
}

// detach starts the process that serves a command, if this one was started to do that,
// and returns the exit status of this one.
func detach() (status int, ok bool) {
	command, ok := strings.CutPrefix(os.Getenv(serveVariable), detachPrefix)
	if !ok {
		return 0, false
	}
	if _, err := startSelf(command, os.NewFile(serveFile, "result")); err != nil {
		return 1, true
	}
	return 0, true
}

// serve serves a Keystone until the process of a command has ended.
func (c *cloud) serve(ctx context.Context, command string) error {
	process, err := strconv.Atoi(command)
	out := os.NewFile(serveFile, "result")
	if err != nil || !isPipe(out) {
		return unusable{errors.New(serveVariable + " is for websso itself: unset it")}
	}
	syscall.CloseOnExec(serveFile)
	c.app.atExit = func(status int) {
		_ = json.NewEncoder(out).Encode(served{Status: status}) // the command may be gone
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	ended := make(chan struct{})
	go func() {
		waitForEnd(process)
		close(ended)
		cancel(errors.New("the command has ended"))
	}()
	server, err := c.startKeystone(ctx)
	switch {
	case ctx.Err() != nil:
		return alreadySaid{1} // the command's process says it
	case err != nil:
		return err
	}
	defer server.Close()

	// What the terminal or a supervisor sends to the command comes here too. Signals that
	// were ignored would be ignored by browsers too, which are started from here.
	signal.Notify(make(chan os.Signal, 1), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGTSTP, syscall.SIGPIPE)
	values := make(map[string]string)
	for _, s := range c.renewing(server) {
		values[s.name] = s.value
	}
	c.app.atExit = nil
	if err := json.NewEncoder(out).Encode(served{Environment: values}); err != nil {
		return alreadySaid{1} // the command's process is gone
	}
	out.Close()
	<-ended
	return nil
}

// endInterval is how often the end of a process is looked for.
const endInterval = 100 * time.Millisecond

// pollForEnd returns when there is no such process. One that its parent has not waited for
// is still there.
func pollForEnd(process int) {
	for {
		// The process may be another user's by now, as that of sudo is.
		if err := syscall.Kill(process, 0); err != nil && !errors.Is(err, syscall.EPERM) {
			return
		}
		time.Sleep(endInterval)
	}
}
