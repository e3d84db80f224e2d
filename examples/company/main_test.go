package main

import (
	"os"
	"strings"
	"testing"

	"github.com/adrg/xdg"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

// TestMain keeps the locks of sign-ins out of the cache directory of whoever runs the tests.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "websso-test-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	xdg.CacheHome = dir
	m.Run()
}

func TestTeams(t *testing.T) {
	k := webssotest.NewKeystone(t)
	real := sites
	defer func() { sites = real }()
	opts := k.AuthOptions()
	opts.Scope = nil
	sites = map[string]websso.AuthOptions{"paris": opts}

	var out strings.Builder
	if err := teams(t.Context(), "paris", &out); err != nil || out.String() != "team demo\nteam lab\n" {
		t.Errorf("got %q, %v, want the teams demo and lab", out.String(), err)
	}
	if err := teams(t.Context(), "rome", &out); err == nil || !strings.Contains(err.Error(), `"paris"`) {
		t.Errorf("got %v, want an error that lists the sites", err)
	}
}
