//go:build unix

package command_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/gophercloud-websso/websso/command"
	"github.com/gophercloud-websso/websso/webssotest"
)

// TestBrowser has browsers that note how they were called, and never sign in.
func TestBrowser(t *testing.T) {
	k := webssotest.NewKeystone(t)
	dir := t.TempDir()
	noted := filepath.Join(dir, "noted")
	for _, name := range []string{"by-option", "by-variable", "by-program", "by-env", "by yaml"} {
		script := "#!/bin/sh\nprintf '[%s]' " + strings.ReplaceAll(name, " ", "-") + ` "$@" >>` + noted + "\n"
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir+":/usr/bin:/bin")
	t.Setenv("WEBSSO_CACHE_DIR", filepath.Join(dir, "cache"))
	yaml := strings.Replace(k.CloudsYAML(), "    auth:\n", "    browser: "+dir+"/by yaml\n    auth:\n      browser: "+dir+"/by yaml\n", 1)
	login, logout := "login --timeout 250ms", "logout"
	for _, tt := range []struct {
		line, option           string // @ stands for the option
		variable, program, env string
		want                   string // how browsers are called, or what is said
	}{
		// --browser, WEBSSO_BROWSER, the program's, $BROWSER
		{login + " --browser", "by-option", "by-variable", "by-program", "by-env", "[by-option][URL]"},
		{login, "", "by-variable", "by-program", "by-env", "[by-variable][URL]"},
		{login, "", "", "by-program", "by-env", "[by-program][URL]"},
		{login, "", "", "", "by-env", "[by-env][URL]"},
		{login, "", "", "", "", "could not open a browser: there is no display here"},
		{login + " --browser", "", "by-variable", "by-program", "by-env", "[by-variable][URL]"},
		{login + " --browser", "", "", "", "by-env", "[by-env][URL]"},
		{login, "", " ", " ", "by-env", "[by-env][URL]"},
		{"token --timeout 250ms --browser", "by-option", "", "", "by-env", "[by-option][URL]"},
		{"kube-credential --browser", "by-option", "", "", "by-env", "so no other browser opens until"}, // nobody has answered that one

		// --no-browser
		{login + " --no-browser --browser", "by-option", "by-variable", "by-program", "by-env", ""},

		// The syntax.
		{login + " --browser", "by-option -P 'at work' %s", "", "", "", "[by-option][-P][at work][URL]"},
		{login, "", `by-variable --profile="at work" %s`, "", "", "[by-variable][--profile=at work][URL]"},
		{login, "", "", "by-program 'ext+container:name=work&url=%s'", "", "[by-program][ext+container:name=work&url=URL]"},
		{login + " --browser", dir + "/by yaml --new", "", "", "", "[by-yaml][--new][URL]"},
		{login + " --browser", "missing %s:by-option %s &", "", "", "", "[by-option][URL]"},

		// One that can't be used does not go on to the next level, which may be another account's.
		{login + " --browser", "missing", "by-variable", "", "by-env", `could not open a browser: --browser: exec: "missing"`},
		{login, "", "missing", "by-program", "by-env", `could not open a browser: WEBSSO_BROWSER: exec: "missing"`},
		{login, "", "", "missing", "by-env", `could not open a browser: acme's own browser: exec: "missing"`},
		{login, "", "", "", "missing", `could not open a browser: $BROWSER: exec: "missing"`},

		// Of logout, --browser need not have a value.
		{logout, "", "by-variable", "by-program", "by-env", ""},
		{logout + " --browser", "", "by-variable", "by-program", "by-env", "[by-variable][URL]"},
		{logout + " --browser=true", "", "", "", "by-env", "[by-env][URL]"},
		{logout + " --browser=false", "", "", "", "by-env", ""},
		{logout + " --browser=@", "by-option --new %s", "by-variable", "", "", "[by-option][--new][URL]"},
		{logout + " --browser=@", "missing", "by-variable", "", "", `could not open a browser: --browser: exec: "missing"`},
		{logout + " --no-browser --browser=@", "by-option", "", "", "", ""},
	} {
		t.Run(fmt.Sprint(tt), func(t *testing.T) {
			os.Remove(noted)
			t.Setenv("WEBSSO_BROWSER", tt.variable)
			t.Setenv("BROWSER", tt.env)
			args := strings.Fields(tt.line)
			switch last := len(args) - 1; {
			case strings.HasSuffix(args[last], "@"):
				args[last] = strings.Replace(args[last], "@", tt.option, 1)
			case args[last] == "--browser" && args[0] != "logout":
				args = append(args, tt.option)
			}
			var stderr bytes.Buffer
			root := command.New(command.Config{Name: "acme", CloudsYAML: []byte(yaml), Cloud: "websso", Browser: tt.program})
			root.SetArgs(args)
			root.SetOut(&bytes.Buffer{})
			root.SetErr(&stderr)
			if args[0] == "logout" {
				t.Setenv("SSH_CONNECTION", "192.0.2.1 50000 192.0.2.2 22")
			}
			_ = root.ExecuteContext(t.Context()) // nobody signs in
			if strings.Contains(stderr.String(), "ssh ") {
				t.Errorf("got %s, want no way for a sign-in to get here", &stderr)
			}
			got := func() string {
				content, _ := os.ReadFile(noted)
				return string(content)
			}
			if tt.want == "" || tt.want[0] != '[' {
				if !strings.Contains(stderr.String(), tt.want) || tt.want == "" && strings.Contains(stderr.String(), "could not open") || got() != "" {
					t.Errorf("got %q and %s, want %q and no browser", got(), &stderr, tt.want)
				}
				return
			}
			for end := time.Now().Add(20 * time.Second); got() == "" && time.Now().Before(end); { // in the background
			}
			begin, end, _ := strings.Cut(tt.want, "URL")
			if !strings.HasPrefix(got(), begin+"http") || !strings.HasSuffix(got(), end) || strings.Contains(got(), " http") {
				t.Errorf("got %s, want %s\n%s", got(), tt.want, &stderr)
			}
		})
	}
}

// TestPlugin has a program that is called by two words, the first of which is another program.
func TestPlugin(t *testing.T) {
	stdin, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	var stderr bytes.Buffer
	root := &cobra.Command{Use: "kubectl-acme", Annotations: map[string]string{cobra.CommandDisplayNameAnnotation: "kubectl acme"}}
	root.AddCommand(command.New(command.Config{Name: "cloud", Cloud: "paris", OmitFlags: []string{"cache"}, CloudsYAML: []byte(
		"clouds: {paris: {auth_type: v3websso, auth: {auth_url: http://127.0.0.1:9, protocol: openid}}}")}))
	root.SetArgs([]string{"cloud", "import"})
	root.SetIn(stdin)
	root.SetErr(&stderr)
	err = root.ExecuteContext(t.Context())
	self, _ := os.Executable()
	for _, want := range []string{"kubectl acme cloud export --cloud paris | ", self + " cloud import --cloud paris\n"} {
		if command.ExitStatus(err) != 2 || !strings.Contains(stderr.String(), want) {
			t.Errorf("got %v and\n%s\nwant %q", err, &stderr, want)
		}
	}
}
