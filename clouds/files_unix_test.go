//go:build unix

package clouds_test

import (
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso/clouds"
)

// TestIrregular finds files that a repository can hold and that never end or are not
// there: none of them may hold up a command.
func TestIrregular(t *testing.T) {
	for name, test := range map[string]struct {
		make func(path string) error
		says string
	}{
		"a pipe":           {func(path string) error { return syscall.Mkfifo(path, 0o600) }, "not a regular file"},
		"a link to a pipe": {func(path string) error { _ = syscall.Mkfifo("pipe", 0o600); return os.Symlink("pipe", path) }, "not a regular file"},
		"a device":         {func(path string) error { return os.Symlink("/dev/zero", path) }, "not a regular file"},
		"a terminal":       {func(path string) error { return os.Symlink("/dev/ptmx", path) }, "not a regular file"},
		"a dangling link":  {func(path string) error { return os.Symlink("nowhere", path) }, "it is a link to nowhere, which does not exist"},
	} {
		for _, file := range []string{"clouds.yaml", "secure.yaml", "clouds-public.yaml"} {
			t.Run(name+" as "+file, func(t *testing.T) {
				dir := cleanEnv(t, nil)
				if file != "clouds.yaml" {
					writeFile(t, "clouds.yaml", acme("    profile: x\n"))
				}
				if err := test.make(file); err != nil {
					t.Skip(err)
				}
				done := make(chan error, 1)
				go func() {
					_, err := parse(clouds.WithCloudName("acme"))
					done <- err
				}()
				select {
				case err := <-done:
					checkError(t, err, filepath.Join(dir, file), test.says)
				case <-time.After(10 * time.Second):
					t.Fatal("got no answer")
				}
			})
		}
	}
	for _, key := range []string{"cacert", "cert", "key"} {
		t.Run("a device as "+key, func(t *testing.T) {
			cleanEnv(t, nil)
			writeFile(t, "clouds.yaml", acme("    "+key+": /dev/zero\n"))
			_, err := parse(clouds.WithCloudName("acme"))
			checkError(t, err, key+" is not a regular file")
		})
	}
	t.Run("a pipe that is named", func(t *testing.T) {
		dir := cleanEnv(t, nil)
		r, w, err := os.Pipe()
		must(t, err)
		defer r.Close()
		_, err = w.WriteString(acme(""))
		must(t, err)
		w.Close()
		link := filepath.Join(dir, "fd")
		must(t, os.Symlink("/dev/fd/"+strconv.Itoa(int(r.Fd())), link))
		t.Setenv("OS_CLIENT_CONFIG_FILE", link)
		if _, err := parse(clouds.WithCloudName("acme")); err != nil {
			t.Error(err)
		}
	})
}
