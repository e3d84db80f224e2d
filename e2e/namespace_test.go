package e2e_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// namespace is a network of its own, with nothing in it but a loopback interface, and
// the cloud's hosts brought in through sockets in a folder: a name for a file is the
// same inside and outside.
type namespace struct {
	name    string
	sockets string
}

// cloudHosts are the cloud's hosts, each with an address inside of namespaces.
var cloudHosts = []struct{ host, addr string }{
	{"keystone.websso.test", "fd00:e2e::11"},
	{"sso.websso.test", "fd00:e2e::12"},
}

// insideVariable names the test that a process is to go on with inside.
const insideVariable = "WEBSSO_E2E_INSIDE"

// inside tells whether this process is already where the test wants to be.
func inside(t *testing.T) bool { return os.Getenv(insideVariable) == t.Name() }

// newNamespace makes one, for the length of the test, and runs ip with each setup in it.
func newNamespace(t *testing.T, suffix string, setup ...string) *namespace {
	t.Helper()
	ns := &namespace{name: fmt.Sprintf("websso-e2e-%d-%s", os.Getpid(), suffix)}
	// Not t.TempDir: other users inside use it as well.
	var err error
	ns.sockets, err = os.MkdirTemp("", "websso-e2e-sockets-")
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(ns.sockets) })
	must(t, os.Chmod(ns.sockets, 0o755))
	command(t, "ip", "netns", "add", ns.name)
	t.Cleanup(func() {
		ns.end(t)
		command(t, "ip", "netns", "delete", ns.name)
	})

	// ip netns exec puts this over /etc/hosts.
	etc := filepath.Join("/etc/netns", ns.name)
	must(t, os.MkdirAll(etc, 0o755))
	t.Cleanup(func() {
		must(t, os.RemoveAll(etc))
		os.Remove("/etc/netns") // it stays where others use it
	})
	hosts := "127.0.0.1 localhost\n::1 localhost\n"
	setup = append([]string{"link set lo up"}, setup...)
	for _, h := range cloudHosts {
		hosts += h.addr + " " + h.host + "\n"
		setup = append(setup, "addr add "+h.addr+"/128 dev lo nodad")
	}
	must(t, os.WriteFile(filepath.Join(etc, "hosts"), []byte(hosts), 0o644))
	for _, args := range setup {
		command(t, "ip", append([]string{"-n", ns.name}, strings.Fields(args)...)...)
	}
	for _, h := range cloudHosts {
		listener, err := net.Listen("unix", ns.socket(h.host))
		must(t, err)
		must(t, os.Chmod(ns.socket(h.host), 0o777)) // for other users inside
		relay(t, listener, func(ctx context.Context) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "tcp", h.host+":443")
		})
	}
	return ns
}

// end ends the processes inside that a failed test has left.
func (ns *namespace) end(t *testing.T) {
	t.Helper()
	pids := func() []string {
		out, err := exec.CommandContext(context.WithoutCancel(t.Context()), "ip", "netns", "pids", ns.name).Output()
		if err != nil {
			t.Errorf("the processes of %s: %v", ns.name, err)
		}
		return strings.Fields(string(out))
	}
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		left := pids()
		if len(left) == 0 {
			return
		}
		for _, pid := range left {
			if n, err := strconv.Atoi(pid); err == nil {
				_ = syscall.Kill(n, syscall.SIGKILL)
			}
		}
	}
	t.Errorf("processes in %s don't end", ns.name)
}

func (ns *namespace) socket(host string) string { return filepath.Join(ns.sockets, host) }

// serveCloud brings the cloud's hosts to their addresses inside.
func serveCloud(t *testing.T) {
	t.Helper()
	sockets := os.Getenv(insideVariable + "_SOCKETS")
	for _, h := range cloudHosts {
		listener, err := net.Listen("tcp", net.JoinHostPort(h.addr, "443"))
		must(t, err)
		relay(t, listener, func(ctx context.Context) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", filepath.Join(sockets, h.host))
		})
	}
}

// run goes on with the test in a process inside.
func (ns *namespace) run(t *testing.T, env ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	self, err := os.Executable()
	must(t, err)
	cmd := exec.CommandContext(ctx, "ip", "netns", "exec", ns.name, self, "-test.run", "^"+t.Name()+"$", "-test.v", "-test.timeout", "2m")
	cmd.Env = append(append(os.Environ(), insideVariable+"="+t.Name(), insideVariable+"_SOCKETS="+ns.sockets), env...)
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("inside the namespace: %v\n%s", err, out)
		return
	}
	t.Logf("inside the namespace:\n%s", out)
}

func command(t *testing.T, name string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), patience)
	defer cancel()
	if out, err := exec.CommandContext(ctx, name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}

// relay passes on what comes to a listener, for the length of the test.
func relay(t *testing.T, listener net.Listener, dial func(context.Context) (net.Conn, error)) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	var all sync.WaitGroup
	t.Cleanup(func() {
		cancel()
		listener.Close()
		all.Wait()
	})
	all.Go(func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := dial(ctx)
			if err != nil {
				near.Close()
				continue
			}
			end := sync.OnceFunc(func() { near.Close(); far.Close() })
			context.AfterFunc(ctx, end)
			all.Go(func() { defer end(); _, _ = io.Copy(far, near) })
			all.Go(func() { defer end(); _, _ = io.Copy(near, far) })
		}
	})
}
