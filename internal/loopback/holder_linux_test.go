package loopback_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/gophercloud-websso/websso/internal/loopback"
)

// TestStoppedHolder has a port that a stopped program listens on, as after Ctrl-Z.
func TestStoppedHolder(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	port := l.Addr().(*net.TCPAddr).Port
	file, err := l.(*net.TCPListener).File()
	must(t, err)
	cmd := exec.CommandContext(t.Context(), "sleep", "100")
	cmd.ExtraFiles = []*os.File{file}
	if err := cmd.Start(); err != nil {
		t.Skip(err)
	}
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}()
	file.Close()
	l.Close()
	must(t, cmd.Process.Signal(syscall.SIGSTOP))
	var status syscall.WaitStatus
	if _, err := syscall.Wait4(cmd.Process.Pid, &status, syscall.WUNTRACED, nil); err != nil || !status.Stopped() {
		t.Fatalf("got %v, %v, want a stopped process", status, err)
	}
	_, err = loopback.Listen(t.Context(), "localhost", port)
	if want := fmt.Sprintf("(sleep, stopped process %d)", cmd.Process.Pid); !errors.Is(err, loopback.ErrInUse) || !strings.Contains(err.Error(), want) {
		t.Errorf("got error %v, want one with %q", err, want)
	}
}
