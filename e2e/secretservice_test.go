package e2e_test

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/godbus/dbus/v5"

	"github.com/gophercloud-websso/websso/e2e/browsers"
)

const (
	secretsName     = "org.freedesktop.secrets"
	secretsPath     = dbus.ObjectPath("/org/freedesktop/secrets")
	loginPath       = dbus.ObjectPath("/org/freedesktop/secrets/collection/login")
	keyringPassword = "correct horse"
	busVariable     = "DBUS_SESSION_BUS_ADDRESS="
)

// session is a user's session: a D-Bus of its own with the real Secret Service on it.
type session struct {
	dir    string
	env    []string
	bus    *dbus.Conn
	daemon *exec.Cmd // of the keyring
	root   *exec.Cmd // of the session
}

// newSession starts gnome-keyring-daemon under dbus-run-session, with the login keyring
// unlocked. All programs of the session find env, such as DISPLAY.
func newSession(t testing.TB, env ...string) *session {
	t.Helper()
	for _, program := range []string{"dbus-run-session", "gnome-keyring-daemon"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("there is no %s here", program)
		}
	}
	dir := t.TempDir()
	runtime := filepath.Join(dir, "run")
	must(t, os.Mkdir(runtime, 0o700))
	s := &session{dir: dir, env: append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "XDG_RUNTIME_DIR=" + runtime, "XDG_CACHE_HOME=" + filepath.Join(dir, "cache"),
	}, env...)}

	// The pipe keeps cat, and so the session, from ending.
	r, w, err := os.Pipe()
	must(t, err)
	t.Cleanup(func() { w.Close() })
	var out io.Reader
	s.root, out = s.start(t, r, "dbus-run-session", "--", "sh", "-c", "echo $DBUS_SESSION_BUS_ADDRESS; exec cat")
	r.Close()
	address, err := bufio.NewReader(out).ReadString('\n')
	must(t, err)
	address = strings.TrimSpace(address)
	s.env = append(s.env, busVariable+address)
	s.bus, err = dbus.Connect(address)
	must(t, err)
	t.Cleanup(func() { s.bus.Close() })

	s.daemon, _ = s.start(t, strings.NewReader(keyringPassword), "gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets")
	eventually(t, "the login keyring is there", func() bool {
		var paths dbus.Variant
		// Otherwise D-Bus would start another daemon, which is locked, if it is faster.
		err := s.bus.Object(secretsName, secretsPath).Call("org.freedesktop.DBus.Properties.Get", dbus.FlagNoAutoStart,
			"org.freedesktop.Secret.Service", "Collections").Store(&paths)
		return err == nil && strings.Contains(paths.String(), string(loginPath))
	})
	return s
}

// start starts a program of the session. It ends with the test.
func (s *session) start(t testing.TB, stdin io.Reader, name string, args ...string) (*exec.Cmd, io.Reader) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env, cmd.Dir, cmd.Stdin = s.env, s.dir, stdin
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait() // it was killed
	})
	return cmd, out
}

func (s *session) lock(t testing.TB) {
	t.Helper()
	must(t, s.bus.Object(secretsName, secretsPath).Call("org.freedesktop.Secret.Service.Lock", 0, []dbus.ObjectPath{loginPath}).Err)
}

func (s *session) locked(t testing.TB) bool {
	t.Helper()
	locked, err := s.bus.Object(secretsName, loginPath).GetProperty("org.freedesktop.Secret.Collection.Locked")
	must(t, err)
	return locked.Value().(bool)
}

// unlock unlocks the login keyring without a prompt, as the daemon's own tests do.
func (s *session) unlock(t testing.TB) {
	t.Helper()
	service := s.bus.Object(secretsName, secretsPath)
	var output dbus.Variant
	var opened dbus.ObjectPath
	must(t, service.Call("org.freedesktop.Secret.Service.OpenSession", 0, "plain", dbus.MakeVariant("")).Store(&output, &opened))
	master := struct {
		Session           dbus.ObjectPath
		Parameters, Value []byte
		ContentType       string
	}{opened, []byte{}, []byte(keyringPassword), "text/plain"}
	must(t, service.Call("org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface.UnlockWithMasterPassword", 0, loginPath, master).Err)
}

// prompts reports whether a prompt is on the display.
func (s *session) prompts() bool {
	var owned bool
	err := s.bus.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, "org.gnome.keyring.SystemPrompter").Store(&owned)
	return err == nil && owned
}

// newDisplay starts an X server and returns the name of its display.
func newDisplay(t testing.TB) string {
	t.Helper()
	if _, err := exec.LookPath("Xvfb"); err != nil {
		t.Skip("there is no Xvfb here")
	}
	name, stop, err := browsers.StartDisplay(t.Context(), t.TempDir())
	must(t, err)
	t.Cleanup(stop)
	return name
}
