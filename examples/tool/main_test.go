package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/clouds"
	"github.com/gophercloud-websso/websso/internal/testcache"
	"github.com/gophercloud-websso/websso/webssotest"
)

func TestMain(m *testing.M) { testcache.Main(m) }

func TestList(t *testing.T) {
	k := webssotest.NewTLSKeystone(t)
	for _, cloud := range []string{"websso", "password", "application_credential"} {
		t.Run(cloud, func(t *testing.T) {
			var out strings.Builder
			err := list(t.Context(), &out,
				clouds.WithCloudsYAML(strings.NewReader(k.CloudsYAML())), clouds.WithCloudName(cloud),
				clouds.WithAuthOptions(k.ApplyTo))
			if err != nil || out.String() != "web-1\nweb-2\ndatabase\n" {
				t.Errorf("got %q, %v, want three servers", out.String(), err)
			}
		})
	}
}

func TestBatch(t *testing.T) {
	k := webssotest.NewKeystone(t)
	err := list(t.Context(), new(strings.Builder),
		clouds.WithCloudsYAML(strings.NewReader(k.CloudsYAML())), clouds.WithCloudName("websso"),
		clouds.WithAuthOptions(k.ApplyTo),
		clouds.WithAuthOptions(func(o *websso.AuthOptions) { o.NonInteractive = true }))
	if !errors.Is(err, websso.ErrLoginRequired) || k.Browser().Opened() > 0 {
		t.Errorf("got %v, want ErrLoginRequired and no browser", err)
	}
}
