package command_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

// TestDialog types on a terminal, and waits for what it gets to show.
func TestDialog(t *testing.T) {
	program := build(t)
	k := webssotest.NewKeystone(t)
	k.Configure(func(c *webssotest.Config) { c.TokenLifetime = 10 * time.Minute })
	dir := t.TempDir()
	_, rest, _ := strings.Cut(k.CloudsYAML(), "clouds:\n")
	file := "clouds:\n  second: {auth_type: v3websso, protocol: openid, auth_url: '" + k.URL() + "', redirect_port: " + fmt.Sprint(k.AuthOptions().RedirectPort) + "}\n" + rest
	must(t, os.WriteFile(filepath.Join(dir, "clouds.yaml"), []byte(file), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "ends"), []byte(program+" logout --cloud websso; try; echo the end"), 0o600))
	opts := k.AuthOptions()
	for _, tt := range []struct {
		args     string
		signedIn bool
		dialog   []string // what is shown, what is typed, what is shown, ...
	}{
		// Of several clouds one is asked for, before a browser is needed.
		{"login", false, []string{`which cloud\?.* second, websso`, "second\n", `http://localhost:\d+/auth/websso/\w+\r\n`, "\x03", `\^C\rwebsso: stopped \(interrupt\)`}},
		{"login", false, []string{`which cloud\?.* second, websso`, "third\n", `no cloud "third"`}},
		{"login", false, []string{`which cloud\?.* second, websso`, "\x04", `choose a cloud with --cloud or OS_CLOUD`}},
		{"login", true, []string{`which cloud\?.* second, websso`, "websso\n", `websso exec --cloud websso -- openstack`}},
		// A tool may outlive the token.
		{"env --cloud websso", true, []string{`this token ends at [0-9:]+: use --min-validity`}},
		{"exec --cloud websso -- true", true, []string{`this token ends at [0-9:]+: use --renew or --min-validity`}},
		// Of a token that could not be renewed, not only the tool is told.
		{"exec --cloud websso --renew --non-interactive -- sh ./ends", true, []string{`401 false\r\nthe end\r\nwebsso: could not renew the command's token: nobody is signed in`}},
		{"exec --cloud websso --renew --timeout 1s -- sh ./ends", true, []string{`the end\r\nwebsso: could not renew the command's token: [\s\S]* set redirect_host of cloud`}},
	} {
		cache := filepath.Join(dir, fmt.Sprint("cached-", tt.signedIn))
		if opts.Cache = websso.NewFileCache(cache); tt.signedIn {
			_, err := websso.AuthenticatedClient(t.Context(), opts)
			must(t, err)
		}
		cmd := exec.CommandContext(t.Context(), program, strings.Fields(tt.args)...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "TERM=xterm", "OS_CLOUD=", "XDG_CACHE_HOME="+filepath.Join(dir, "cache"), "BROWSER=true", "WEBSSO_CACHE_DIR="+cache)
		tty, err := pty.Start(cmd)
		must(t, err)
		timeout := time.AfterFunc(30*time.Second, func() { _ = cmd.Process.Kill() })
		var shown []byte
		for i := 0; i < len(tt.dialog); i += 2 {
			want := regexp.MustCompile(tt.dialog[i])
			for chunk := make([]byte, 4096); !want.Match(shown); {
				n, err := tty.Read(chunk)
				shown = append(shown, chunk[:n]...)
				if err != nil && !want.Match(shown) {
					t.Fatalf("%s: got\n%s\nwant %s", tt.args, shown, want)
				}
			}
			if i+1 < len(tt.dialog) {
				_, err := tty.WriteString(tt.dialog[i+1])
				must(t, err)
				shown = nil
			}
		}
		timeout.Stop()
		tty.Close()
		_ = cmd.Wait()
	}
}
