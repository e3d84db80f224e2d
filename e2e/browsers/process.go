package browsers

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// process is a program in its own process group, so that stop can end it with all that
// it has started, and nothing else.
type process struct {
	cmd  *exec.Cmd
	log  *os.File
	done chan struct{}

	stopped bool
}

// start runs a program with its output in dir/name.log. It adds env to a minimal
// environment, because browsers look at many variables to find a running instance.
func start(dir, name string, env []string, program string, args ...string) (*process, error) {
	return startWith(dir, name, env, nil, program, args...)
}

// startWith also passes open files to the program, from descriptor 3 on.
func startWith(dir, name string, env []string, files []*os.File, program string, args ...string) (*process, error) {
	log, err := os.Create(filepath.Join(dir, name+".log"))
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(program, args...) //nolint:noctx // stop ends it, with all that it has started
	cmd.Env = append(bareEnv(dir), env...)
	cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = log, log, files
	cmd.SysProcAttr = ownGroup()
	if err := cmd.Start(); err != nil {
		log.Close()
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	p := &process{cmd: cmd, log: log, done: make(chan struct{})}
	go func() {
		_ = cmd.Wait() // an error, because stop kills it
		close(p.done)
	}()
	return p, nil
}

func bareEnv(dir string) []string {
	return []string{"PATH=/usr/bin:/bin", "LANG=C.UTF-8", "HOME=" + dir, "TMPDIR=" + dir, "XDG_RUNTIME_DIR=" + dir}
}

// ownGroup gives a program its own process group, and has the kernel end it if the
// tests die without calling stop.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// stop ends the program and everything that it has started. Calling it again does
// nothing.
func (p *process) stop() {
	if p.stopped {
		return
	}
	p.stopped = true
	defer p.log.Close()
	group := -p.cmd.Process.Pid
	_ = syscall.Kill(group, syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(3 * time.Second):
	}
	_ = syscall.Kill(group, syscall.SIGKILL)
	<-p.done
}
