package e2e_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

const (
	laptopAddr = "10.77.99.1"
	farAddr    = "10.77.99.2"
	farVar     = "WEBSSO_E2E_FAR"      // the remote host's namespace
	farSockets = "WEBSSO_E2E_FAR_SOCK" // its folder of sockets to the cloud
	farUser    = "WEBSSO_E2E_FAR_USER"
)

// sshCommand matches the command that the terminal shows to a user on SSH.
var sshCommand = regexp.MustCompile(`(?m)^websso:   (ssh -N .*)$`)

// startLine matches the line with the address to open.
var startLine = regexp.MustCompile(`(?m)^websso:   (http://localhost:9990/\S+)$`)

// TestOverSSH runs the program on a remote host and the browser on a laptop: two network
// namespaces with a real sshd between them, a user who is not root, and the ssh command
// that the program prints.
func TestOverSSH(t *testing.T) {
	c := realCloud(t)
	onlyWithAll(t)
	switch os.Getenv(insideVariable) {
	case "":
		makeHosts(t)
	case t.Name() + "-far":
		serveCloud(t)
		opts := c.options()
		opts.Output = os.Stdout
		must(t, websso.Authenticate(t.Context(), c.client(t, newAgent()), opts))
	default:
		onLaptop(t, c)
	}
}

// makeHosts makes the two hosts, a link between them, and a user.
func makeHosts(t *testing.T) {
	user := fmt.Sprintf("e2e-%d", os.Getpid())
	near, far := fmt.Sprintf("e2n%d", os.Getpid()), fmt.Sprintf("e2f%d", os.Getpid())
	// sshd refuses an account whose password is "!", which means locked, but not "*".
	command(t, "useradd", "--no-create-home", "--password", "*", "--shell", "/bin/sh", "--home-dir", "/nonexistent", user)
	t.Cleanup(func() { command(t, "userdel", user) })
	farHost, laptop := newNamespace(t, "far"), newNamespace(t, "laptop")
	command(t, "ip", "link", "add", near, "netns", laptop.name, "type", "veth", "peer", "name", far, "netns", farHost.name)
	for _, end := range []struct{ ns, device, addr string }{{laptop.name, near, laptopAddr}, {farHost.name, far, farAddr}} {
		command(t, "ip", "-n", end.ns, "addr", "add", end.addr+"/24", "dev", end.device)
		command(t, "ip", "-n", end.ns, "link", "set", end.device, "up")
	}
	// The user's own process serves the cloud's hosts on port 443.
	command(t, "ip", "netns", "exec", farHost.name, "sysctl", "-q", "-w", "net.ipv4.ip_unprivileged_port_start=0")
	laptop.run(t, farVar+"="+farHost.name, farSockets+"="+farHost.sockets, farUser+"="+user)
}

func onLaptop(t *testing.T, c *cloud) {
	serveCloud(t)
	destination := os.Getenv(farUser) + "@" + farAddr
	bin := startSSHD(t)

	// The user starts the program on the remote host and reads what it prints.
	self := publicCopy(t)
	variables := []string{
		insideVariable + "=" + t.Name() + "-far", insideVariable + "_SOCKETS=" + os.Getenv(farSockets),
		"WEBSSO_E2E_ALL=1", "WEBSSO_E2E_KEYSTONE=" + c.endpoint, "WEBSSO_E2E_CA=" + env(t, "CA"), "TMPDIR=/tmp",
	}
	program := exec.CommandContext(t.Context(), filepath.Join(bin, "ssh"), destination,
		"env "+strings.Join(variables, " ")+" "+self+" -test.run '^"+t.Name()+"$' -test.v")
	terminal := &webssotest.Terminal{}
	program.Stdout, program.Stderr = terminal, terminal
	must(t, program.Start())
	ended := make(chan error, 1)
	go func() { ended <- program.Wait() }()
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the remote terminal:\n%s", terminal)
		}
	})
	eventually(t, "the program prints the ssh command and the address", func() bool {
		return sshCommand.MatchString(terminal.String()) && startLine.MatchString(terminal.String())
	})
	url, given := startLine.FindStringSubmatch(terminal.String())[1], sshCommand.FindStringSubmatch(terminal.String())[1]
	if want := "ssh -N -o ExitOnForwardFailure=yes -L 127.0.0.1:9990:localhost:9990 -L \"[::1]:9990:localhost:9990\" " + destination; given != want {
		t.Errorf("got\n%s\nwant\n%s", given, want)
	}

	// The user pastes the command unchanged.
	tunnel := exec.CommandContext(t.Context(), "sh", "-c", "exec "+given)
	tunnel.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"))
	tunnel.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	tunnel.Stderr = terminal
	must(t, tunnel.Start())
	defer func() { _ = tunnel.Process.Kill(); _ = tunnel.Wait() }()
	for _, addr := range []string{"127.0.0.1:9990", "[::1]:9990"} {
		eventually(t, "the tunnel listens on "+addr, func() bool {
			conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", addr)
			if err == nil {
				conn.Close()
			}
			return err == nil
		})
	}
	b := &webssotest.Browser{User: "dwho", Password: "dwho", TLS: c.tls}
	if err := b.Open(url); err != nil {
		t.Fatalf("%v\n%s", err, terminal)
	}
	if err := ends(t, ended, terminal); err != nil || !strings.Contains(terminal.String(), " as dwho, until") {
		t.Fatalf("%v\n%s", err, terminal)
	}
}

// startSSHD starts the remote host's sshd. It returns a folder with an ssh program that
// knows the host's key and has a user key that it accepts.
func startSSHD(t *testing.T) (bin string) {
	t.Helper()
	dir := tempDir(t, "ssh")
	must(t, os.Chmod(dir, 0o755)) // sshd reads the list of keys as the user
	for _, key := range []string{"host", "user"} {
		command(t, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", filepath.Join(dir, key))
	}
	config := fmt.Sprintf("ListenAddress %[2]s\nHostKey %[1]s/host\nAuthorizedKeysFile %[1]s/user.pub\nStrictModes no\nUsePAM no\nPidFile none\nPasswordAuthentication no\n", dir, farAddr)
	must(t, os.WriteFile(filepath.Join(dir, "sshd_config"), []byte(config), 0o644))
	must(t, os.MkdirAll("/run/sshd", 0o755)) // for its unprivileged part
	sshd := exec.CommandContext(t.Context(), "ip", "netns", "exec", os.Getenv(farVar), "/usr/sbin/sshd", "-D", "-e", "-f", filepath.Join(dir, "sshd_config"))
	sshd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	stderr, err := sshd.StderrPipe()
	must(t, err)
	must(t, sshd.Start())
	t.Cleanup(func() { _ = sshd.Process.Kill(); _ = sshd.Wait() })
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { stderr.Close() })
	defer stop()
	said := ""
	for lines := bufio.NewScanner(stderr); !strings.Contains(said, "Server listening"); said += lines.Text() + "\n" {
		if !lines.Scan() {
			t.Fatalf("got sshd's output\n%s\nwant it to listen", said)
		}
	}
	go func() { _, _ = io.Copy(io.Discard, stderr) }() // so that sshd never blocks

	hostKey, err := os.ReadFile(filepath.Join(dir, "host.pub"))
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "known_hosts"), []byte(farAddr+" "+string(hostKey)), 0o644))
	client := fmt.Sprintf("IdentityFile %[1]s/user\nUserKnownHostsFile %[1]s/known_hosts\nBatchMode yes\n", dir)
	must(t, os.WriteFile(filepath.Join(dir, "config"), []byte(client), 0o600))
	bin = filepath.Join(dir, "bin")
	must(t, os.Mkdir(bin, 0o755))
	must(t, os.WriteFile(filepath.Join(bin, "ssh"), []byte("#!/bin/sh\nexec /usr/bin/ssh -F "+dir+"/config \"$@\"\n"), 0o755))
	return bin
}
