//go:build unix

package websso_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso/webssotest"
)

// TestSystemBrowser lets the program that pkg/browser starts print. pkg/browser passes that
// on to standard output unless told otherwise.
func TestSystemBrowser(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("xdg-open is for Linux")
	}
	t.Parallel()
	dir := t.TempDir()
	args := filepath.Join(dir, "args")
	must(t, os.WriteFile(filepath.Join(dir, "xdg-open"), []byte("#!/bin/sh\necho chatter\necho chatter >&2\necho \"$1\" >"+args+".new\nmv "+args+".new "+args+"\n"), 0o700))
	env := append(cacheIn(t.TempDir()), "PATH="+dir+":"+os.Getenv("PATH"), "BROWSER=", "DISPLAY=:99")
	ks := webssotest.NewKeystone(t)
	p := start(t, env, ks, "", systemBrowser)
	poll(t, func() bool { _, err := os.Stat(args); return err == nil })
	if got, _ := os.ReadFile(args); !strings.HasPrefix(string(got), "http://localhost:") {
		t.Errorf("got %q opened, want a URL of localhost", got)
	}
	p.Process.Kill()
	if out, _ := p.end(); out != "" {
		t.Errorf("got %q on standard output, want nothing", out)
	}
}
