package main

import (
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

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
