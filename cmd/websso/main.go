// Command websso signs a person in to OpenStack through their browser, and hands the
// sign-in to tools that know nothing of it: openstackclient, Terraform, Packer, kubectl,
// shell scripts.
//
//	websso login --cloud mycloud
//	websso exec --cloud mycloud -- openstack server list
//
// What it has to say goes to standard error; standard output has the result and nothing
// else. See websso --help, and docs/command.md for a walk through it.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	os.Exit(run(os.Args, os.Stdout, os.Stderr))
}

// run is the whole command, and returns its exit status.
func run(args []string, stdout io.Writer, stderr *os.File) int {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	defer onSignal(func(s os.Signal) { cancel(stopped{s}) })()

	a := &app{stdout: stdout, screen: newScreen(stderr)}
	err := a.command().Run(ctx, args)
	if err == nil {
		return exitOK
	}
	if cause := context.Cause(ctx); cause != nil {
		err = failed{cause}
	}
	a.screen.fail(err)
	return exitCode(err)
}

// onSignal calls f at the first signal that asks the program to end. The second one ends
// it, whatever it is doing. A signal that whoever started the program has it ignore, as
// nohup does, stays ignored, for the command of an exec as well.
func onSignal(f func(os.Signal)) (stop func()) {
	ch := make(chan os.Signal, 1)
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
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

// stopped is why a run ended that was told to end.
type stopped struct{ signal os.Signal }

func (s stopped) Error() string { return fmt.Sprintf("stopped (%s)", s.signal) }
