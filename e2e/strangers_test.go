package e2e_test

import (
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso"
)

// strangers are the ways in which another program can hold the port, each with the
// address that an error has to name.
var strangers = []struct{ network, addr, named string }{
	{"tcp4", "127.0.0.1:9990", "127.0.0.1"},
	{"tcp6", "[::1]:9990", "::1"},
	{"tcp4", "0.0.0.0:9990", "127.0.0.1"},
	{"tcp6", "[::]:9990", "::1"},
	{"tcp", "[::]:9990", "127.0.0.1"}, // both families
}

// TestStranger has another program listen on one address of the port. Keystone's answer
// could reach that program, so no browser may open.
func TestStranger(t *testing.T) {
	c := realCloud(t)
	for _, stranger := range strangers {
		t.Run(stranger.network+" "+stranger.addr, func(t *testing.T) {
			listener, err := new(net.ListenConfig).Listen(t.Context(), stranger.network, stranger.addr)
			must(t, err)
			defer listener.Close()
			opts := c.options()
			output := &screen{}
			opts.Output, opts.Timeout = output, patience
			opts.OpenURL = func(url string) error {
				t.Errorf("got a browser opened at %s, want none", url)
				return nil
			}
			err = websso.Authenticate(t.Context(), c.client(t, newAgent()), opts)
			if !errors.Is(err, websso.ErrPortInUse) || !strings.Contains(err.Error(), "port 9990 on "+stranger.named) {
				t.Errorf("got %v, want ErrPortInUse naming %s", err, stranger.named)
			}
			if text := output.String(); strings.Contains(text, "http://localhost:9990") {
				t.Errorf("got terminal\n%s\nwant no address to open", text)
			}
		})
	}
}
