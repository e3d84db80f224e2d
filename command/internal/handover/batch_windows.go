package handover

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// quoteForBatch quotes the arguments of a batch file for the program that reads it, which
// is cmd.exe. The quotes of os/exec are for other programs: cmd.exe takes a & in them for
// the next command if the argument has a quote itself, or no space.
func quoteForBatch(cmd *exec.Cmd) error {
	switch strings.ToLower(filepath.Ext(cmd.Path)) {
	case ".bat", ".cmd":
	default:
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
