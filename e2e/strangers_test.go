package e2e_test

import (
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso"
)

// TestStranger has another program hold the port on one address. What comes back to
// localhost could reach it, so no browser may open.
func TestStranger(t *testing.T) {
	c := realCloud(t)
	for _, stranger := range []struct{ network, addr, named string }{
		{"tcp4", "127.0.0.1:9990", "127.0.0.1"},
		{"tcp6", "[::1]:9990", "::1"},
		{"tcp4", "0.0.0.0:9990", "127.0.0.1"},
		{"tcp6", "[::]:9990", "::1"},
		{"tcp", "[::]:9990", "127.0.0.1"}, // takes both families
	} {
		t.Run(stranger.network+" "+stranger.addr, func(t *testing.T) {
			listener, err := new(net.ListenConfig).Listen(t.Context(), stranger.network, stranger.addr)
			must(t, err)
			defer listener.Close()
			opts := c.options()
			output := &screen{}
			opts.Output, opts.Timeout = output, patience
			opts.OpenURL = func(url string) error {
				t.Errorf("the browser was sent to %s", url)
				return nil
			}
			err = websso.Authenticate(t.Context(), c.client(t, newAgent()), opts)
			if !errors.Is(err, websso.ErrPortInUse) || !strings.Contains(err.Error(), "port 9990 on "+stranger.named+",") {
				t.Errorf("got %v, want ErrPortInUse naming %s", err, stranger.named)
			}
			if text := output.String(); strings.Contains(text, "http://localhost:9990") {
				t.Errorf("the person was given an address to open:\n%s", text)
			}
		})
	}
}
