package main

import (
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso/internal/testcache"
	"github.com/gophercloud-websso/websso/webssotest"
)

func TestMain(m *testing.M) { testcache.Main(m) }

func TestList(t *testing.T) {
	k := webssotest.NewKeystone(t)
	var out strings.Builder
	if err := list(t.Context(), k.AuthOptions(), &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"alice (acme)", "web-1", "web-2", "database"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("got %q, want it to contain %q", out.String(), want)
		}
	}
}

func TestListWithoutScope(t *testing.T) {
	k := webssotest.NewKeystone(t)
	opts := k.AuthOptions()
	opts.Scope = nil
	if err := list(t.Context(), opts, new(strings.Builder)); err == nil {
		t.Error("got no error without a project")
	}
}
