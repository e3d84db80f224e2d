//go:build unix

package websso_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/gophercloud-websso/websso/webssotest"
)

// TestCacheLeftBySudo has a home whose .cache is root's, as a command under sudo that keeps
// HOME leaves it. The user signs in all the same, and is told the command that mends it.
func TestCacheLeftBySudo(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("becoming another user takes root")
	}
	const uid = 12345
	for name, left := range map[string]string{ // below the home, first directory of root's
		"cache directory of the user": ".cache",
		"directory of this package":   filepath.Join(".cache", "gophercloud-websso"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			home, program := public(t), filepath.Join(public(t), "program")
			must(t, os.Chown(home, uid, -1))
			must(t, os.MkdirAll(filepath.Join(home, left), 0o700))
			if above := filepath.Dir(left); above != "." {
				must(t, os.Chown(filepath.Join(home, above), uid, -1))
			}
			must(t, os.Chmod(filepath.Join(home, left), 0o755))
			// Not written here: a process that another test starts would have the file open.
			must(t, exec.CommandContext(t.Context(), "cp", os.Args[0], program).Run())
			must(t, os.Chmod(program, 0o755))

			ks := webssotest.NewKeystone(t)
			p := prepare(t, append(cacheIn(filepath.Join(home, ".cache")), "HOME="+home), ks, "alice")
			p.Path, p.Dir = program, home
			p.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
			must(t, p.Start())
			signedIn(t, p)
			// A line that is too long for a terminal breaks between words.
			told := strings.Join(strings.Fields(p.output.String()), " ")
			want := fmt.Sprintf("%[1]s belongs to user 0, not to you (user %[2]d); if a command under sudo made it, run: sudo chown -R %[2]d %[1]s", filepath.Join(home, left), uid)
			if !strings.Contains(told, want) {
				t.Errorf("got output %q, want %q in it", told, want)
			}
			if n := strings.Count(told, "sudo chown"); n != 1 {
				t.Errorf("got the command %d times, want it once: %q", n, told)
			}
		})
	}
}

// public returns a temporary directory that every user can enter.
func public(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "websso-test-") //nolint:usetesting // nobody else can enter the parent of t.TempDir
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	must(t, os.Chmod(dir, 0o755))
	return dir
}
