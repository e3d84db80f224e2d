package main

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso/clouds"
	"github.com/gophercloud-websso/websso/command"
	"github.com/gophercloud-websso/websso/internal/testcache"
	"github.com/gophercloud-websso/websso/webssotest"
)

func TestMain(m *testing.M) { testcache.Main(m) }

// TestAcme works with the tool for a while, as its user does.
func TestAcme(t *testing.T) {
	k := webssotest.NewKeystone(t)
	for _, tt := range []struct {
		line   string
		status int
		want   string // a part of what is shown
	}{
		{"status", 3, "Error: nobody is signed in"},
		{"status", 3, "Run:\n  acme login\n"},
		{"login -d", 0, "this is acme login at websso"},
		{"-d login", 0, "acme: debug: the token came from the cache"},
		{"login", 0, "acme: already signed in to 127.0.0.1:"},
		{"status --output json", 0, `"user": "alice"`},
		{"teams", 0, "demo\nlab\n"},
		{"teams -o l", 0, "lab\n"},
		{"exec -- printenv OS_TOKEN", 0, ""},
		{"exec -- printenv NOT_SET", 1, ""}, // the command's own status
		{"login --help", 0, "Usage:\n  acme login [OPTION...]"},
		{"login --frob", 2, "Error: unknown option --frob; see acme login --help"},
		{"--cloud nowhere login", 2, `Error: no cloud "nowhere"`},
		{"logout", 0, "acme: signed out of 127.0.0.1:"},
	} {
		if _, err := exec.LookPath("printenv"); err != nil && strings.HasPrefix(tt.line, "exec") {
			continue
		}
		root := acme("websso", []byte(k.CloudsYAML()), clouds.WithAuthOptions(k.ApplyTo))
		var shown bytes.Buffer
		root.SetArgs(strings.Fields(tt.line))
		root.SetOut(&shown)
		root.SetErr(&shown)
		if status := command.ExitStatus(root.Execute()); status != tt.status || !strings.Contains(shown.String(), tt.want) {
			t.Errorf("acme %s: got status %d and\n%s\nwant status %d and %q", tt.line, status, &shown, tt.status, tt.want)
		}
		if tt.want == "" && shown.Len() > 0 {
			t.Errorf("acme %s: got\n%swant nothing", tt.line, &shown)
		}
		if strings.Contains(shown.String(), "websso:") || strings.Contains(shown.String(), "websso login") {
			t.Errorf("acme %s: got another program's name:\n%s", tt.line, &shown)
		}
	}
	if n := k.Logins(); n != 1 {
		t.Errorf("got %d sign-ins, want one", n)
	}
}
