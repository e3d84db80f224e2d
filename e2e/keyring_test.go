package e2e_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso/webssotest"
)

// busyVariable names a file that is there as long as alice is busy.
const busyVariable = "WEBSSO_E2E_BUSY"

func init() {
	// What $BROWSER starts: the test binary, as a browser.
	roles["alice's browser"] = func(string) error {
		// In some tests alice has something else to do first.
		for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
			if _, err := os.Stat(os.Getenv(busyVariable)); err != nil {
				break
			}
		}
		return (&webssotest.Browser{User: "alice", Password: "wonderland"}).Open(os.Args[len(os.Args)-1])
	}
}

// buildCommand builds websso.
func buildCommand(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "websso")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", path, "./cmd/websso")
	cmd.Dir = ".."
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}

// seat is a user at a session, with a Keystone to sign in to with the command.
type seat struct {
	*session
	ks      *webssotest.Keystone
	command string
}

func newSeat(t testing.TB, command string, env ...string) *seat {
	t.Helper()
	s := &seat{session: newSession(t, env...), ks: webssotest.NewKeystone(t), command: command}
	must(t, os.WriteFile(filepath.Join(s.dir, "clouds.yaml"), []byte(s.ks.CloudsYAML()), 0o600))
	self, err := os.Executable()
	must(t, err)
	s.env = append(s.env, "OS_CLOUD=websso", "WEBSSO_CACHE=keyring", "BROWSER="+self, roleVariable+"=alice's browser")
	return s
}

// running is one run of the command.
type running struct {
	*exec.Cmd
	stdout, stderr bytes.Buffer
	began          time.Time
}

func (s *seat) begin(t testing.TB, args ...string) *running {
	t.Helper()
	r := &running{Cmd: exec.CommandContext(t.Context(), s.command, args...), began: time.Now()}
	r.Env, r.Dir, r.Stdout, r.Stderr = s.env, s.dir, &r.stdout, &r.stderr
	must(t, r.Start())
	return r
}

// exits waits for the end, which must come with that status.
func (r *running) exits(t testing.TB, status int) *running {
	t.Helper()
	if got := exitStatus(r.Wait()); got != status {
		t.Fatalf("%v: got status %d, want %d\n%s", r.Args, got, status, &r.stderr)
	}
	return r
}

func (s *seat) websso(t testing.TB, status int, args ...string) *running {
	t.Helper()
	return s.begin(t, args...).exits(t, status)
}

// says fails the test unless the messages have exactly one line about the keyring, which
// says that and what to do.
func (r *running) says(t testing.TB, want string) {
	t.Helper()
	lines := regexp.MustCompile(`(?m)^.*sign-ins are cached in memory.*$`).FindAllString(r.stderr.String(), -1)
	if len(lines) != 1 || !strings.Contains(lines[0], want) || !strings.Contains(lines[0], "--cache file") {
		t.Errorf("%v: got %d lines about the keyring, want one with %q:\n%s", r.Args, len(lines), want, &r.stderr)
	}
}

// silent fails the test if there was anything to say about the keyring.
func (r *running) silent(t testing.TB) {
	t.Helper()
	if strings.Contains(r.stderr.String(), "keyring") {
		t.Errorf("%v: got this, want nothing about the keyring:\n%s", r.Args, &r.stderr)
	}
}

// token returns the token that a run printed.
func (r *running) token(t testing.TB) string {
	t.Helper()
	token := strings.TrimSpace(r.stdout.String())
	if !strings.HasPrefix(token, "gAAAAA") {
		t.Fatalf("%v: got %q, want a token\n%s", r.Args, token, &r.stderr)
	}
	return token
}

// sealed returns the values in the cache, and fails the test if one is in the clear or if
// any file shows one of the secrets, or the user.
func (s *seat) sealed(t testing.TB, secrets ...string) []string {
	t.Helper()
	secrets = append(secrets, "alice", "catalog", "compute", "gAAAAA", s.ks.URL())
	var values []string
	files, err := filepath.Glob(filepath.Join(s.dir, "cache", "gophercloud-websso", "*"))
	must(t, err)
	for _, path := range files {
		content, err := os.ReadFile(path)
		must(t, err)
		for _, secret := range secrets {
			if strings.Contains(path+"\n"+string(content), secret) {
				t.Errorf("%s shows %q", path, secret)
			}
		}
		if strings.HasSuffix(path, ".signin") {
			values = append(values, string(content))
			if !strings.HasPrefix(string(content), "sealed 1 ") {
				t.Errorf("%s is not sealed: %.40q", path, content)
			}
		}
	}
	return values
}

// signIns fails the test unless so many sign-ins were made.
func (s *seat) signIns(t testing.TB, want int) {
	t.Helper()
	if got := s.ks.SignIns(); got != want {
		t.Errorf("got %d sign-ins, want %d", got, want)
	}
}

// TestKeyring signs in with the command, whose cache is encrypted with a key in a real
// Secret Service. Whatever happens to that, the sign-in works, one line says what to do,
// and nothing is on disk in the clear.
func TestKeyring(t *testing.T) {
	command := buildCommand(t)
	for name, test := range map[string]struct {
		display bool // for a prompt
		run     func(*seat, *testing.T)
	}{
		"locked and unlocked":      {false, (*seat).locksAndUnlocks},
		"used to be in the clear":  {false, (*seat).takesOver},
		"daemon killed":            {true, func(s *seat, t *testing.T) { s.loses(t, s.daemon) }}, // D-Bus starts another one, which is locked
		"D-Bus killed":             {true, func(s *seat, t *testing.T) { s.loses(t, s.root) }},
		"prompt without an answer": {true, (*seat).leavesPrompt},
		"prompt answered late":     {true, (*seat).answersLate},
		"no D-Bus":                 {false, func(s *seat, t *testing.T) { s.doesWithout(t, "there is no keyring here (no D-Bus session)") }},
		"no answer from D-Bus": {false, func(s *seat, t *testing.T) {
			s.doesWithout(t, "no such file or directory", busVariable+"unix:path=/nonexistent/bus")
		}},
		"50 at once": {false, (*seat).isCrowded},
	} {
		t.Run(name, func(t *testing.T) {
			var env []string
			if test.display {
				env = []string{"DISPLAY=" + newDisplay(t)}
			}
			test.run(newSeat(t, command, env...), t)
		})
	}
}

// locksAndUnlocks stores a sign-in, locks the keyring and unlocks it.
func (s *seat) locksAndUnlocks(t *testing.T) {
	s.websso(t, 0, "login").silent(t)
	first := s.websso(t, 0, "token")
	first.silent(t)
	if n := len(s.sealed(t, first.token(t))); n < 2 {
		t.Errorf("got %d values in the cache, want a sign-in and a scope at least", n)
	}
	if status := s.websso(t, 0, "status").stdout.String(); !strings.Contains(status, "encrypted with a key in the system's keyring") {
		t.Errorf("got this, want to read where the sign-in is:\n%s", status)
	}

	s.lock(t)
	s.websso(t, 1, "--non-interactive", "token").says(t, "the keyring is locked")
	s.websso(t, 1, "status").says(t, "the keyring is locked")
	s.unlock(t)
	again := s.websso(t, 0, "--non-interactive", "token")
	again.silent(t)
	if again.token(t) != first.token(t) {
		t.Error("got another token after lock and unlock, want the cached one")
	}
	s.signIns(t, 1)

	// A sign-in while it is locked replaces the one before.
	s.lock(t)
	other := s.websso(t, 0, "token")
	other.says(t, "the keyring is locked")
	s.sealed(t, other.token(t))
	s.signIns(t, 2)
	s.unlock(t)
	s.websso(t, 3, "--non-interactive", "token").silent(t)

	s.websso(t, 0, "login").silent(t)
	s.sealed(t)
	s.websso(t, 0, "logout").silent(t)
	if values := s.sealed(t); len(values) != 0 {
		t.Errorf("got %d values after logout, want none", len(values))
	}
	s.websso(t, 3, "status").silent(t)

	// Signing out needs no key.
	s.websso(t, 0, "login").silent(t)
	s.lock(t)
	s.websso(t, 1, "logout").says(t, "the keyring is locked")
	s.unlock(t)
	s.websso(t, 3, "status").silent(t)
}

// takesOver takes over what was cached in the clear.
func (s *seat) takesOver(t *testing.T) {
	s.websso(t, 0, "--cache", "file", "login")
	plain := s.websso(t, 0, "--cache", "file", "token").token(t)
	if got := s.websso(t, 0, "--non-interactive", "token").token(t); got != plain {
		t.Error("got another token, want the one that was cached in the clear")
	}
	s.websso(t, 0, "status").silent(t) // reads what else is cached
	s.sealed(t, plain)
	s.websso(t, 3, "--cache", "file", "--non-interactive", "token")
	s.websso(t, 3, "--cache", "memory", "--non-interactive", "token")
}

// loses kills a program of the session in the middle of a run that waits for a prompt.
func (s *seat) loses(t *testing.T, program *exec.Cmd) {
	s.websso(t, 0, "login").silent(t)
	s.lock(t)
	r := s.begin(t, "token")
	eventually(t, "a prompt is shown", s.prompts)
	must(t, syscall.Kill(-program.Process.Pid, syscall.SIGKILL))
	r.exits(t, 0).says(t, "the keyring")
	if took := time.Since(r.began); took > 20*time.Second {
		t.Errorf("it took %s", took)
	}
	s.sealed(t, r.token(t))
	r = s.websso(t, 0, "token")
	r.says(t, "the keyring")
	s.sealed(t, r.token(t))
}

// leavesPrompt shows a real prompt that nobody answers.
func (s *seat) leavesPrompt(t *testing.T) {
	s.websso(t, 0, "login").silent(t)
	s.lock(t)
	r := s.websso(t, 0, "token")
	r.says(t, "no answer within 3s")
	if took := time.Since(r.began); took < 3*time.Second || took > 20*time.Second {
		t.Errorf("it took %s, want a little more than 3s", took)
	}
	if !s.prompts() {
		t.Error("there was no prompt: this tests nothing")
	}
	s.sealed(t, r.token(t))
	s.signIns(t, 2)
}

// answersLate has the user unlock the keyring while the browser is open.
func (s *seat) answersLate(t *testing.T) {
	if _, err := exec.LookPath("xdotool"); err != nil {
		t.Skip("there is no xdotool here, to type a password")
	}
	s.websso(t, 0, "login").silent(t)
	s.lock(t)
	busy, shown := filepath.Join(s.dir, "busy"), new(webssotest.Terminal)
	must(t, os.WriteFile(busy, nil, 0o600))
	login := exec.CommandContext(t.Context(), s.command, "login", "--force")
	login.Env, login.Dir, login.Stderr = append(slices.Clone(s.env), busyVariable+"="+busy), s.dir, shown
	must(t, login.Start())
	eventually(t, "the message is shown", func() bool { return strings.Contains(shown.String(), "no answer within 3s") })
	// To a window of its choice, xdotool would send keys that no dialog trusts.
	for _, args := range [][]string{{"search", "--sync", "--onlyvisible", "--name", "."}, {"type", keyringPassword}, {"key", "Return"}} {
		typing := exec.CommandContext(t.Context(), "xdotool", args...)
		typing.Env = s.env
		if out, err := typing.CombinedOutput(); err != nil {
			t.Fatalf("xdotool %q: %v\n%s", args, err, out)
		}
	}
	eventually(t, "the keyring is unlocked", func() bool { return !s.locked(t) })
	must(t, os.Remove(busy))
	if err := login.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, shown)
	}
	r := s.websso(t, 0, "--non-interactive", "token")
	r.silent(t)
	s.sealed(t, r.token(t))
	s.signIns(t, 2)
}

// doesWithout takes the D-Bus away, or names one that is gone, and does without a keyring,
// and without waiting for one.
func (s *seat) doesWithout(t *testing.T, says string, bus ...string) {
	s.websso(t, 0, "login").silent(t)
	s.env = append(slices.DeleteFunc(s.env, func(v string) bool { return strings.HasPrefix(v, busVariable) }), bus...)
	s.websso(t, 1, "--non-interactive", "token").says(t, says)
	r := s.websso(t, 0, "token")
	r.says(t, says)
	if took := time.Since(r.began); took > 3*time.Second {
		t.Errorf("it took %s, want no wait", took)
	}
	s.sealed(t, r.token(t))
	s.signIns(t, 2)
	s.websso(t, 0, "login").says(t, says)
	s.websso(t, 0, "logout")
}

// isCrowded starts 50 processes at once, cold.
func (s *seat) isCrowded(t *testing.T) {
	var all []*running
	for range 50 {
		all = append(all, s.begin(t, "token"))
	}
	tokens := map[string]bool{}
	for _, r := range all {
		r.exits(t, 0).silent(t)
		tokens[r.token(t)] = true
	}
	if len(tokens) != 1 {
		t.Errorf("got %d tokens, want 1", len(tokens))
	}
	s.signIns(t, 1)
	keys := map[string]bool{}
	for _, value := range s.sealed(t) {
		keys[strings.Fields(value)[2]] = true
	}
	if len(keys) != 1 {
		t.Errorf("got values sealed with %d keys, want 1", len(keys))
	}
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			r := s.begin(t, "--non-interactive", "token")
			if err := r.Wait(); err != nil {
				t.Errorf("%v\n%s", err, &r.stderr)
			}
		})
	}
	wg.Wait()
}

// BenchmarkKeyringCommand times whole processes in turn: websso token with the plain files,
// and with encrypted ones, for which it asks a real keyring.
func BenchmarkKeyringCommand(b *testing.B) {
	s := newSeat(b, buildCommand(b))
	s.websso(b, 0, "login").silent(b)
	s.websso(b, 0, "token")
	s.websso(b, 0, "--cache", "file", "--cache-dir", s.dir+"/plain", "login")
	s.websso(b, 0, "--cache", "file", "--cache-dir", s.dir+"/plain", "token")
	var encrypted, plain []time.Duration
	for b.Loop() {
		r := s.websso(b, 0, "--non-interactive", "token")
		encrypted = append(encrypted, time.Since(r.began))
		r = s.websso(b, 0, "--non-interactive", "--cache", "file", "--cache-dir", s.dir+"/plain", "token")
		plain = append(plain, time.Since(r.began))
	}
	slices.Sort(encrypted)
	slices.Sort(plain)
	b.ReportMetric(float64(encrypted[len(encrypted)/2].Microseconds())/1000, "ms/keyring")
	b.ReportMetric(float64(plain[len(plain)/2].Microseconds())/1000, "ms/file")
}
