package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gophercloud-websso/websso"
)

func TestExitCodes(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want int
	}{
		{nil, 0},
		{errors.New("of another program's command"), 1},
		{failed{unusable(errors.New("no cloud"))}, 2},
		{failed{errors.New("anything")}, 1},
		{failed{fmt.Errorf("x: %w", websso.ErrLoginRequired)}, 3},
		{failed{fmt.Errorf("x: %w", websso.ErrScope)}, 4},
		{failed{&url.Error{Op: "Get", Err: errors.New("no route to host")}}, 5},
		{failed{fmt.Errorf("x: %w", context.DeadlineExceeded)}, 5},
		{failed{fmt.Errorf("x: %w", syscall.ENOSPC)}, 1},
		{failed{gophercloud.ErrUnexpectedResponseCode{Actual: 500}}, 5},
		{failed{gophercloud.ErrUnexpectedResponseCode{Actual: 503}}, 5},
		{failed{gophercloud.ErrUnexpectedResponseCode{Actual: 403}}, 1},
		{failed{fmt.Errorf("x: %w", websso.ErrTimeout)}, 6},
		{failed{fmt.Errorf("x: %w", websso.ErrPortInUse)}, 7},
		{failed{stopped{os.Interrupt}}, 130},
		{failed{stopped{syscall.SIGTERM}}, 143},
		{failed{cannotRun("x", &exec.Error{Name: "x", Err: exec.ErrNotFound})}, 127},
		{failed{cannotRun("x", &fs.PathError{Err: syscall.ENOENT})}, 127},
		{failed{cannotRun("x", &exec.Error{Name: "x", Err: fs.ErrPermission})}, 126},
		{failed{cannotRun("x", syscall.ENOEXEC)}, 126},
		// A scope that Keystone refused is no failure of Keystone's.
		{failed{fmt.Errorf("%w (%w)", websso.ErrScope, &url.Error{Op: "Get", Err: errors.New("no route")})}, 4},
	} {
		if got := ExitStatus(tt.err); got != tt.want {
			t.Errorf("%v: %d, want %d", tt.err, got, tt.want)
		}
	}
}

func TestReadKubeRequest(t *testing.T) {
	yes, no := true, false
	for _, tt := range []struct {
		text, version string
		interactive   *bool
	}{
		{"", "client.authentication.k8s.io/v1", nil},
		{`{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","spec":{"interactive":true}}`, "client.authentication.k8s.io/v1", &yes},
		{`{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1","spec":{"interactive":false,"cluster":{}}}`, "client.authentication.k8s.io/v1beta1", &no},
		{`{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1","spec":{}}`, "client.authentication.k8s.io/v1beta1", nil},
		{`{"kind":"ExecCredential"}`, "client.authentication.k8s.io/v1", nil},
		{`{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1alpha1"}`, "", nil},
		{`{"kind":"ExecCredential","apiVersion":"v1"}`, "", nil},
		{`{"kind":"ExecCredential","spec":{"interactive":"no"}}`, "", nil},
		{`{"apiVersion":"client.authentication.k8s.io/v1"}`, "", nil},
		{`{"kind":"Pod","apiVersion":"client.authentication.k8s.io/v1"}`, "", nil},
		{`[]`, "", nil},
		{`null`, "", nil},
		{`x`, "", nil},
		{` `, "", nil},
	} {
		got, err := readKubeRequest(tt.text)
		if (err == nil) != (tt.version != "") || got.APIVersion != tt.version {
			t.Errorf("%q: %q, %v", tt.text, got.APIVersion, err)
			continue
		}
		if i := got.Spec.Interactive; (i == nil) != (tt.interactive == nil) || i != nil && *i != *tt.interactive {
			t.Errorf("%q: interactive %v", tt.text, i)
		}
	}
}

// run runs a command line of websso and returns its exit status.
func run(stdout, stderr io.Writer, args ...string) int {
	root := New(Config{})
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	return ExitStatus(root.Execute())
}

// TestHelpFits keeps each help text readable on a terminal of 24 lines and 80 columns, and
// each command's with an example.
func TestHelpFits(t *testing.T) {
	for _, c := range append(New(Config{}).Commands(), New(Config{})) {
		var text bytes.Buffer
		run(&text, io.Discard, strings.TrimPrefix(c.Name(), "websso"), "--help")
		if n := strings.Count(text.String(), "\n"); n > 24 && c.Runnable() {
			t.Errorf("%s: got %d lines, want at most 24", c.Name(), n)
		}
		for line := range strings.Lines(text.String()) {
			if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > helpWidth {
				t.Errorf("%s: got %d characters, want at most %d: %s", c.Name(), n, helpWidth, line)
			}
		}
		if c.HasParent() && c.Runnable() && c.Example == "" {
			t.Errorf("the help of %s has no example", c.Name())
		}
	}
}
