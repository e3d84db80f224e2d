package handover

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
)

// Run runs a command with this program's console, files and environment env, and returns
// its exit status. Ctrl-C reaches both programs; what it means is up to the command, and
// ctx ends nothing once that runs. At the end it calls remove, before Ctrl-C can end this
// program.
func Run(ctx context.Context, path string, args, env []string, remove func()) (status int, err error) {
	// Not signal.Ignore: on Windows that leaves Ctrl-C to the system, which ends this
	// program and leaves the command without its parent.
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt)
	defer signal.Stop(signals)
	defer remove()
	if ctx.Err() != nil {
		return 0, context.Cause(ctx)
	}
	cmd := exec.Command(path) //nolint:noctx // the command decides when it ends
	cmd.Args, cmd.Env = args, env
	if err := quoteForBatch(cmd); err != nil {
		return 0, err
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := cmd.Run(); cmd.ProcessState == nil { // it has not run
		return 0, err
	}
	return cmd.ProcessState.ExitCode(), nil
}

// quoteForBatch quotes the arguments of a batch file for the program that reads it, which
// is cmd.exe. The quotes of os/exec are for other programs: cmd.exe takes a & in them for
// the next command if the argument has a quote itself, or no space.
func quoteForBatch(cmd *exec.Cmd) error {
	if extension := strings.ToLower(filepath.Ext(cmd.Path)); extension != ".bat" && extension != ".cmd" {
		return nil
	}
	line := `"` + cmd.Path + `"`
	for _, arg := range cmd.Args[1:] {
		if strings.ContainsAny(arg, "\x00\r\n") {
			return errors.New("a batch file can't take an argument of several lines")
		}
		line += " " + batchArgument(arg)
	}
	shell := filepath.Join(os.Getenv("SystemRoot"), "System32", "cmd.exe")
	// Without AutoRun (/d), and with the extensions and without the delayed expansion
	// that batchArgument counts on. /c takes off the outer quotes.
	cmd.Path = shell
	cmd.SysProcAttr = &syscall.SysProcAttr{CmdLine: `cmd.exe /d /e:on /v:off /s /c "` + line + `"`}
	return nil
}

// batchArgument returns arg as one word for cmd.exe, and for a program to which the batch
// file hands it on as %* or %1.
func batchArgument(arg string) string {
	if arg != "" && !strings.ContainsAny(arg, " \t\"&|<>^()%!") {
		return arg
	}
	// Two quotes are one, and leave cmd.exe between quotes.
	arg = strings.ReplaceAll(arg, `"`, `""`)
	// A % is never the first of a variable's name if an empty piece of %cd% follows it.
	arg = strings.ReplaceAll(arg, "%", "%%cd:~,%")
	// A backslash before the last quote would make it part of the argument.
	backslashes := len(arg) - len(strings.TrimRight(arg, `\`))
	return `"` + arg + strings.Repeat(`\`, backslashes) + `"`
}
