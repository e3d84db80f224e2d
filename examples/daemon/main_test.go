package main

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/clouds"
	"github.com/gophercloud-websso/websso/internal/testcache"
	"github.com/gophercloud-websso/websso/webssotest"
)

func TestMain(m *testing.M) { testcache.Main(m) }

// output calls a function with each line that is written.
type output func(line string)

func (f output) Write(p []byte) (int, error) {
	for line := range bytes.Lines(p) {
		f(strings.TrimSpace(string(line)))
	}
	return len(p), nil
}

func options(k *webssotest.Keystone, reauth bool) []clouds.ParseOption {
	return []clouds.ParseOption{
		clouds.WithCloudsYAML(strings.NewReader(k.CloudsYAML())), clouds.WithCloudName("websso"),
		clouds.WithAuthOptions(k.ApplyTo),
		clouds.WithAuthOptions(func(o *websso.AuthOptions) { o.AllowReauth = reauth }),
	}
}

// TestWatch lets the sign-in expire while the daemon runs. The daemon goes on only if
// it may open the browser.
func TestWatch(t *testing.T) {
	for name, reauth := range map[string]bool{"with reauth": true, "without reauth": false} {
		t.Run(name, func(t *testing.T) {
			k := webssotest.NewKeystone(t)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			tick := make(chan time.Time, 1)
			var lines []string
			err := watch(ctx, output(func(line string) {
				lines = append(lines, line)
				if len(lines) == 2 {
					cancel()
					return
				}
				k.Configure(func(c *webssotest.Config) { c.ClockSkew = c.TokenLifetime })
				tick <- time.Time{}
			}), tick, options(k, reauth)...)
			switch {
			case lines[0] != "3 servers":
				t.Errorf("got %q", lines)
			case reauth && (!errors.Is(err, context.Canceled) || len(lines) != 2 || lines[1] != "3 servers" || k.Browser().Opened() != 2):
				t.Errorf("got %q, %v", lines, err)
			case !reauth && (!errors.Is(err, websso.ErrLoginRequired) || len(lines) != 1 || k.Browser().Opened() != 1):
				t.Errorf("got %q, %v", lines, err)
			}
		})
	}
}
