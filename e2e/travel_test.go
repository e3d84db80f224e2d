package e2e_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso/webssotest"
)

func init() {
	// What $BROWSER starts on the laptop.
	roles["dwho's browser"] = func(string) error {
		trusting, err := trusting(os.Getenv("WEBSSO_E2E_CA"))
		if err != nil {
			return err
		}
		return (&webssotest.Browser{User: "dwho", Password: "dwho", TLS: trusting}).Open(os.Args[len(os.Args)-1])
	}
}

// TestSignInTravels signs in on a laptop, for a remote host that has no browser, through a
// real sshd and as a user who is not root. On the way the token is in no argument list and
// in no file.
func TestSignInTravels(t *testing.T) {
	c := realCloud(t)
	onlyWithAll(t)
	switch os.Getenv(insideVariable) {
	case "":
		makeHosts(t)
	case t.Name() + "-far":
		// The remote host's way to the cloud, until the test closes standard input.
		serveCloud(t)
		fmt.Println("ready")
		_, _ = os.Stdin.Read(make([]byte, 1))
	default:
		travel(t, c)
	}
}

func travel(t *testing.T, c *cloud) {
	serveCloud(t)
	serveFar(t)
	destination := os.Getenv(farUser) + "@" + farAddr
	bin := startSSHD(t)
	work := tempDir(t, "travel")
	must(t, os.Chmod(work, 0o755))
	must(t, os.Mkdir(filepath.Join(work, "far"), 0o755))
	command(t, "chown", os.Getenv(farUser), filepath.Join(work, "far"))
	command(t, "cp", buildCommand(t), filepath.Join(work, "websso"))
	command(t, "cp", env(t, "CA"), filepath.Join(work, "ca.crt"))
	must(t, os.Chmod(filepath.Join(work, "ca.crt"), 0o644))

	describe := strings.Join([]string{"--auth-url", c.endpoint, "--identity-provider", "lemon", "--protocol", "openid", "--cacert", filepath.Join(work, "ca.crt")}, " ")
	near := filepath.Join(work, "websso")
	far := "env XDG_CACHE_HOME=" + filepath.Join(work, "far") + " " + near + " --non-interactive"
	self, err := os.Executable()
	must(t, err)
	laptop := append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "HOME="+filepath.Join(work, "near"), "XDG_CACHE_HOME="+filepath.Join(work, "near"),
		"BROWSER="+self, roleVariable+"=dwho's browser")
	sh := func(script string) string {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		cmd := exec.CommandContext(ctx, "sh", "-c", script)
		cmd.Env = laptop
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", script, err, out)
		}
		return string(out)
	}

	shown := watchArguments(t)
	said := sh(near + " export " + describe + " | ssh " + destination + " " + far + " import " + describe)
	if !strings.Contains(said, "passing on the sign-in of dwho") || strings.Count(said, " as dwho, until") != 2 {
		t.Errorf("got\n%swant both ends to name dwho", said)
	}
	if arguments := shown(); arguments != "" {
		t.Errorf("got a token in the arguments %q, want none", arguments)
	}
	token := strings.TrimSpace(sh(near + " token --unscoped " + describe + " 2>/dev/null"))
	if !strings.HasPrefix(token, "gAAAAA") || strings.Contains(said, token) {
		t.Fatalf("got token %q and output\n%swant a token that is not shown", token, said)
	}
	for _, path := range filesWith(t, os.TempDir(), token) {
		if !strings.HasSuffix(path, ".signin") {
			t.Errorf("got the token in %s, want it in the two caches alone", path)
		}
	}

	// The remote host asks Keystone, without a browser and without the laptop.
	if projects := sh("ssh " + destination + " " + far + " projects " + describe); !strings.Contains(projects, "demo") {
		t.Errorf("got\n%swant the projects of dwho", projects)
	}
	scoped := sh("ssh " + destination + " " + far + " token --check --project-name demo --project-domain-name Default " + describe + " 2>/dev/null")
	if !strings.HasPrefix(scoped, "gAAAAA") {
		t.Errorf("got %q, want a token for the project", scoped)
	}
	// The end there is the end here.
	sh("ssh " + destination + " " + far + " logout " + describe)
	cmd := exec.CommandContext(t.Context(), near, append([]string{"--non-interactive", "status", "--check"}, strings.Fields(describe)...)...)
	cmd.Env = laptop
	if err := cmd.Run(); exitStatus(err) != 3 {
		t.Errorf("got %v after the remote logout, want status 3", err)
	}
}

// serveFar serves the cloud's hosts in the remote host's namespace, with another process
// of this test.
func serveFar(t *testing.T) {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	server := exec.CommandContext(t.Context(), "ip", "netns", "exec", os.Getenv(farVar), self, "-test.run", "^"+t.Name()+"$", "-test.v")
	server.Env = append(os.Environ(), insideVariable+"="+t.Name()+"-far", insideVariable+"_SOCKETS="+os.Getenv(farSockets))
	server.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	stdin, err := server.StdinPipe()
	must(t, err)
	out := &webssotest.Terminal{}
	server.Stdout, server.Stderr = out, out
	must(t, server.Start())
	t.Cleanup(func() { stdin.Close(); _ = server.Wait() })
	eventually(t, "the remote host reaches the cloud", func() bool { return strings.Contains(out.String(), "ready") })
}

// watchArguments looks for tokens in the argument lists of all processes, until the
// returned function is called, which returns those that have one.
func watchArguments(t *testing.T) (found func() string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	seen := make(chan string, 1)
	go func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			lists, _ := filepath.Glob("/proc/[0-9]*/cmdline")
			for _, list := range lists {
				if arguments, err := os.ReadFile(list); err == nil && strings.Contains(string(arguments), "gAAAAA") {
					seen <- string(arguments)
					return
				}
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
				close(seen)
				return
			}
		}
	}()
	return func() string { cancel(); return <-seen }
}

// filesWith returns the files below dir that contain text.
func filesWith(t *testing.T, dir, text string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return nil //nolint:nilerr // what ended meanwhile contains nothing
		}
		if info, err := entry.Info(); err != nil || info.Size() > 1<<20 {
			return nil //nolint:nilerr // as above; no program is a secret
		}
		if content, err := os.ReadFile(path); err == nil && strings.Contains(string(content), text) {
			found = append(found, path)
		}
		return nil
	})
	must(t, err)
	return found
}
