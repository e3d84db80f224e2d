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

// namespace is a network namespace with nothing but a loopback interface. The cloud's
// hosts are reached through Unix sockets in a folder, which has the same name inside
// and outside.
type namespace struct {
	name    string
	sockets string
}

// cloudHosts are the cloud's hosts and their addresses inside namespaces.
var cloudHosts = []struct{ host, addr string }{
	{"keystone.websso.test", "fd00:e2e::11"},
	{"sso.websso.test", "fd00:e2e::12"},
}

// insideVariable names the test that a process continues inside a namespace.
const insideVariable = "WEBSSO_E2E_INSIDE"

// inside reports whether this process is the one inside the test's namespace.
func inside(t *testing.T) bool { return os.Getenv(insideVariable) == t.Name() }

// newNamespace makes a namespace that lasts until the test ends, and runs ip in it
// with each setup's arguments.
func newNamespace(t *testing.T, suffix string, setup ...string) *namespace {
	t.Helper()
	ns := &namespace{name: fmt.Sprintf("websso-e2e-%d-%s", os.Getpid(), suffix)}
	ns.sockets = tempDir(t, "sockets")
	must(t, os.Chmod(ns.sockets, 0o755)) // other users inside use it as well
	command(t, "ip", "netns", "add", ns.name)
	t.Cleanup(func() {
		ns.end(t)
		command(t, "ip", "netns", "delete", ns.name)
	})

	// ip netns exec mounts this file over /etc/hosts.
	etc := filepath.Join("/etc/netns", ns.name)
	must(t, os.MkdirAll(etc, 0o755))
	t.Cleanup(func() {
		must(t, os.RemoveAll(etc))
		os.Remove("/etc/netns") // fails, as it should, if another namespace has a folder there
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

// end kills the processes that a failed test has left inside.
func (ns *namespace) end(t *testing.T) {
	t.Helper()
	pids := func() []string {
		out, err := exec.CommandContext(context.WithoutCancel(t.Context()), "ip", "netns", "pids", ns.name).Output()
		if err != nil {
			t.Errorf("got %v, want the processes in %s", err, ns.name)
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
	t.Errorf("got processes in %s after %s, want none", ns.name, patience)
}

func (ns *namespace) socket(host string) string { return filepath.Join(ns.sockets, host) }

// serveCloud serves the cloud's hosts on their addresses inside the namespace.
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

// run continues the test in a process inside the namespace.
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
		t.Errorf("got %v inside the namespace, want success\n%s", err, out)
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

// relay forwards the connections to a listener until the test ends.
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
