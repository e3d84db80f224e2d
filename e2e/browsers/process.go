package browsers

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// process is a program in a process group of its own, so that whatever it starts can
// be ended with it and nothing else is.
type process struct {
	cmd  *exec.Cmd
	log  *os.File
	done chan struct{}

	stopped bool
}

// start runs a program with its output in dir/name.log. env is added to a bare
// environment: browsers look for a running one of the person's by many variables.
func start(dir, name string, env []string, program string, args ...string) (*process, error) {
	return startWith(dir, name, env, nil, program, args...)
}

// startWith also hands on files, from descriptor 3 on.
func startWith(dir, name string, env []string, files []*os.File, program string, args ...string) (*process, error) {
	log, err := os.Create(filepath.Join(dir, name+".log"))
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(program, args...)
	cmd.Env = append(bareEnv(dir), env...)
	cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = log, log, files
	cmd.SysProcAttr = ownGroup()
	if err := cmd.Start(); err != nil {
		log.Close()
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	p := &process{cmd: cmd, log: log, done: make(chan struct{})}
	go func() {
		_ = cmd.Wait() // it is killed in the end, which is an error
		close(p.done)
	}()
	return p, nil
}

func bareEnv(dir string) []string {
	return []string{"PATH=/usr/bin:/bin", "LANG=C.UTF-8", "HOME=" + dir, "TMPDIR=" + dir, "XDG_RUNTIME_DIR=" + dir}
}

// ownGroup also has the kernel end the program when the tests die without a word.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// stop ends the program and everything that it started. It may be called again.
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
