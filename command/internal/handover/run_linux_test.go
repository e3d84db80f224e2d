package handover_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gophercloud-websso/websso/command/internal/handover"
)

func TestMain(m *testing.M) {
	switch os.Getenv("WEBSSO_TEST_RUN") {
	case "parent":
		os.Exit(runAsParent())
	case "command":
		os.Exit(runAsCommand())
	}
	os.Exit(m.Run())
}

// runAsParent runs the command of the command line.
func runAsParent() int {
	path, err := exec.LookPath(os.Args[1])
	status := 1
	if err == nil {
		env := slices.DeleteFunc(os.Environ(), func(v string) bool { return v == "WEBSSO_TEST_RUN=parent" })
		status, err = handover.Run(context.Background(), path, os.Args[1:], append(env, "WEBSSO_TEST_RUN=command"), func() {
			if os.Getenv("WEBSSO_TEST_REMOVING") != "" {
				fmt.Println("removing")
				_, _ = fmt.Scanln()
			}
		})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	return status
}

// runAsCommand says when it is continued and counts interrupts, until a line is typed. With
// an argument it first stops itself, in the foreground and in a process group of its own,
// as bash does.
func runAsCommand() int {
	continued, interrupted := make(chan os.Signal, 1), make(chan os.Signal, 100)
	signal.Notify(continued, syscall.SIGCONT)
	signal.Notify(interrupted, syscall.SIGINT)
	if len(os.Args) > 1 {
		signal.Ignore(syscall.SIGTTOU)
		_ = syscall.Setpgid(0, 0)
		_ = unix.IoctlSetPointerInt(0, unix.TIOCSPGRP, os.Getpid())
		fmt.Println("in a group")
		_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
		<-continued // and does not look who is in the foreground now
	}
	go func() {
		for n := 1; ; {
			select {
			case <-continued:
				fmt.Println("continued")
			case <-interrupted:
				fmt.Printf("interrupt %d.\n", n)
				n++
			}
		}
	}()
	fmt.Printf("ready %d.\n", os.Getpid())
	var line string
	_, _ = fmt.Scanln(&line)
	fmt.Println("got", line)
	return 5
}

// parent returns this program, as the parent of a command.
func parent(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), "WEBSSO_TEST_RUN=parent")
	cmd.WaitDelay = time.Second
	return cmd
}

// TestSignals sends signals to the parent, which has no terminal, and again when the command has
// ended and the parent removes what it wrote for that.
func TestSignals(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		signal syscall.Signal
		says   string
	}{
		{syscall.SIGINT, "got INT"},
		{syscall.SIGTERM, "got TERM"},
		{syscall.SIGHUP, "got HUP"},
		{syscall.SIGQUIT, "got QUIT"},
		{syscall.SIGUSR1, "got USR1"},
		{syscall.SIGKILL, "got TERM"}, // from the system
	} {
		t.Run(test.signal.String(), func(t *testing.T) {
			t.Parallel()
			cmd := parent(t, "sh", "-c", `for s in INT TERM HUP QUIT USR1; do trap "echo got $s; exit 7" $s; done; echo ready; n=0; while [ $n -lt 300 ]; do sleep 0.1; n=$((n+1)); done`)
			cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
			cmd.Env = append(cmd.Env, "WEBSSO_TEST_REMOVING=1")
			in, err := cmd.StdinPipe()
			must(t, err)
			out, err := cmd.StdoutPipe()
			must(t, err)
			must(t, cmd.Start())
			lines := bufio.NewScanner(out)
			lines.Scan()
			must(t, cmd.Process.Signal(test.signal))
			lines.Scan()
			if got := lines.Text(); got != test.says {
				t.Errorf("got %q, want %q", got, test.says)
			}
			if test.signal == syscall.SIGKILL {
				_ = cmd.Wait()
				return
			}
			// A terminal that is closed sends SIGHUP a second time, through its shell.
			if lines.Scan(); lines.Text() != "removing" {
				t.Errorf("got %q when the command has ended, want the parent to remove its files", lines.Text())
			}
			must(t, cmd.Process.Signal(test.signal))
			until(t, "the signal is delivered", func() bool {
				status, err := os.ReadFile("/proc/" + strconv.Itoa(cmd.Process.Pid) + "/status")
				return err != nil || strings.Contains(string(status), "ShdPnd:\t0000000000000000\n")
			})
			in.Close()
			_ = cmd.Wait()
			if got := cmd.ProcessState.ExitCode(); got != 7 {
				t.Errorf("got status %d, want 7", got)
			}
		})
	}
}

// TestStopAgain stops parent and command as soon as they continue: the system then takes the
// signal to continue back before the parent has seen it.
func TestStopAgain(t *testing.T) {
	t.Parallel()
	cmd := parent(t, "sh", "-c", "echo ready; exec sleep 60")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	group := -cmd.Process.Pid
	t.Cleanup(func() {
		_ = syscall.Kill(group, syscall.SIGKILL)
		_ = cmd.Wait()
	})
	bufio.NewScanner(out).Scan()
	for range 50 {
		must(t, syscall.Kill(group, syscall.SIGCONT))
		must(t, syscall.Kill(group, syscall.SIGTSTP))
		limit := time.AfterFunc(20*time.Second, func() { _ = syscall.Kill(group, syscall.SIGKILL) })
		var status syscall.WaitStatus
		_, err := syscall.Wait4(cmd.Process.Pid, &status, syscall.WUNTRACED, nil)
		limit.Stop()
		if err != nil || !status.Stopped() {
			t.Fatalf("got status %#x and %v, want the parent stopped", int(status), err)
		}
	}
}

// A terminal is the side of a pseudoterminal at which a user types.
type terminal struct {
	*os.File
	output strings.Builder
}

// inTerminal starts a program that leads the session of a new terminal.
func inTerminal(t *testing.T, cmd *exec.Cmd) *terminal {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { master.Close() })
	var number int
	conn, err := master.SyscallConn() // Fd would make reads that no deadline ends
	if err == nil {
		err = conn.Control(func(fd uintptr) {
			if err = unix.IoctlSetPointerInt(int(fd), unix.TIOCSPTLCK, 0); err == nil {
				number, err = unix.IoctlGetInt(int(fd), unix.TIOCGPTN)
			}
		})
	}
	must(t, err)
	slave, err := os.OpenFile("/dev/pts/"+strconv.Itoa(number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	defer slave.Close()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	must(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return &terminal{File: master}
}

// until reads until the program has written a text, and returns what came before.
func (c *terminal) until(t *testing.T, text string) string {
	t.Helper()
	must(t, c.SetReadDeadline(time.Now().Add(20*time.Second)))
	buffer := make([]byte, 1024)
	for !strings.Contains(c.output.String(), text) {
		n, err := c.Read(buffer)
		c.output.Write(buffer[:n])
		if err != nil {
			t.Fatalf("got %q and %v, want %q", c.output.String(), err, text)
		}
	}
	before, rest, _ := strings.Cut(c.output.String(), text)
	c.output.Reset()
	c.output.WriteString(rest)
	return before
}

func (c *terminal) types(t *testing.T, text string) {
	t.Helper()
	_, err := io.WriteString(c, text)
	must(t, err)
}

// TestCtrlC sends one SIGINT for one Ctrl-C, many times.
func TestCtrlC(t *testing.T) {
	t.Parallel()
	cmd := parent(t, os.Args[0])
	terminal := inTerminal(t, cmd)
	terminal.until(t, "ready")
	for i := range 10 {
		terminal.types(t, "\x03")
		terminal.until(t, fmt.Sprintf("interrupt %d.", i+1))
	}
	terminal.types(t, "\n")
	if more := terminal.until(t, "got"); strings.Contains(more, "interrupt") {
		t.Errorf("got %q after 10 interrupts, want no more", more)
	}
	_ = cmd.Wait()
	if got := cmd.ProcessState.ExitCode(); got != 5 {
		t.Errorf("got status %d, want the command's 5", got)
	}
}

// TestJobControl stops and continues commands in an interactive shell.
func TestJobControl(t *testing.T) {
	t.Parallel()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip(err)
	}
	cmd := exec.CommandContext(t.Context(), bash, "--norc", "--noprofile", "--noediting", "-i")
	cmd.Env = append(os.Environ(), "PS1=> ", "TEST="+os.Args[0], "HISTFILE=", "TERM=dumb")
	terminal := inTerminal(t, cmd)
	terminal.until(t, "> ")
	const run = "WEBSSO_TEST_RUN=parent $TEST $TEST"
	terminal.types(t, run+"\n")
	terminal.until(t, "ready ")
	command := terminal.until(t, ".")
	for range 3 {
		terminal.types(t, "\x1a")
		terminal.until(t, "Stopped")
		terminal.until(t, "> ")
		untilStopped(t, command) // until then it could read the next line
		terminal.types(t, "fg\n")
		terminal.until(t, "continued")
	}
	for _, said := range []struct {
		typed string
		shown []string
	}{
		{"input", []string{"got input", "> "}},
		{"echo status$?", []string{"status5", "> "}},
		{run + " alone", []string{"in a group", "Stopped", "> "}},
		{"fg", []string{"ready"}},
		{"", []string{"> "}},
		{"echo status$?", []string{"status5"}},
		{"exit", nil},
	} {
		terminal.types(t, said.typed+"\n")
		for _, text := range said.shown {
			terminal.until(t, text)
		}
	}
	_ = cmd.Wait()
}

// untilStopped waits until all threads of a process are stopped.
func untilStopped(t *testing.T, process string) {
	t.Helper()
	until(t, "the command is stopped", func() bool {
		threads, err := filepath.Glob("/proc/" + process + "/task/*/stat")
		must(t, err)
		return !slices.ContainsFunc(threads, func(thread string) bool {
			state, err := os.ReadFile(thread)
			return err == nil && !strings.Contains(string(state), ") T ")
		})
	})
}

// until waits until something that has no event is so.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for limit := time.Now().Add(20 * time.Second); !is(); {
		if time.Now().After(limit) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}
