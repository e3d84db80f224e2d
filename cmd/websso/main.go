// Command websso signs you in to OpenStack through your browser and hands the sign-in
// to tools that don't speak WebSSO: openstackclient, Terraform, Packer, kubectl, shell
// scripts.
//
//	websso login --cloud mycloud
//	websso exec --cloud mycloud -- openstack server list
//
// Messages go to standard error. Standard output carries the result and nothing else.
// See websso --help, and docs/command.md for a tour.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	os.Exit(run(os.Args, os.Stdout, os.Stderr))
}

// run runs the command line and returns the exit status.
func run(args []string, stdout io.Writer, stderr *os.File) int {
	if len(args) > 1 && args[1] == completeVerb {
		(&app{stdout: stdout, screen: newScreen(stderr)}).answer(args[2:])
		return exitOK
	}
	if status, ok := detach(); ok {
		return status
	}
	a := &app{stdout: stdout, screen: newScreen(stderr)}
	status := a.run(args)
	if a.atExit != nil {
		a.atExit(status)
	}
	return status
}

func (a *app) run(args []string) int {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	defer onSignal(func(s os.Signal) { cancel(stopped{s}) })()
	err := a.command().Run(ctx, args)
	if err == nil {
		return exitOK
	}
	if said := (alreadySaid{}); errors.As(err, &said) {
		return said.status
	}
	if cause := context.Cause(ctx); cause != nil {
		err = failed{cause}
	}
	a.screen.fail(variableError(err))
	return exitCode(err)
}

// onSignal calls f on the first signal that asks the program to stop. The second one
// kills it, whatever it is doing. A signal that the parent process set to be ignored,
// as nohup does, stays ignored, also for the command that exec runs.
func onSignal(f func(os.Signal)) (stop func()) {
	ch := make(chan os.Signal, 1)
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		if !signal.Ignored(s) {
			signal.Notify(ch, s)
		}
	}
	go func() {
		if s, ok := <-ch; ok {
			signal.Stop(ch)
			f(s)
		}
	}()
	return func() { signal.Stop(ch) }
}

// stopped is the error of a run that a signal stopped.
type stopped struct{ signal os.Signal }

func (s stopped) Error() string { return fmt.Sprintf("stopped (%s)", s.signal) }
