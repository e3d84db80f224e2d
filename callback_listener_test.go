package websso_test

import (
	"context"
	"net"
	"strconv"
	"testing"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

// TestPortInUse has another program listen on the port: no browser opens, and the error
// names the address.
func TestPortInUse(t *testing.T) {
	t.Parallel()
	for name, other := range map[string]struct{ network, addr, says string }{
		"IPv4 loopback": {"tcp4", "127.0.0.1", "on 127.0.0.1"},
		"IPv6 loopback": {"tcp6", "::1", "on ::1"},
		"any IPv4":      {"tcp4", "0.0.0.0", "on 127.0.0.1"},
		"any IPv6":      {"tcp6", "::", "on ::1"},
		"any":           {"tcp", "", "on 127.0.0.1"},
	} {
		t.Run(name, func(t *testing.T) {
			ks, opts := parallel(t)
			opts.OpenURL = noBrowser(t)
			l, err := (&net.ListenConfig{}).Listen(t.Context(), other.network, net.JoinHostPort(other.addr, strconv.Itoa(opts.RedirectPort)))
			if err != nil {
				t.Skip("no such address here:", err)
			}
			defer l.Close()
			err = websso.Authenticate(t.Context(), newClient(t, ks), opts)
			wantError(t, err, websso.ErrPortInUse)
			wantSaid(t, err, other.says, strconv.Itoa(opts.RedirectPort))
			if out := ks.Terminal().String(); out != "" {
				t.Errorf("got output, want none:\n%s", out)
			}
			l.Close()
			opts.OpenURL = ks.AuthOptions().OpenURL
			authenticate(t, ks, opts) // both addresses were released
		})
	}
}

// TestBothAddressesHeld shows that no other program can listen on the port meanwhile.
func TestBothAddressesHeld(t *testing.T) {
	t.Parallel()
	ks := webssotest.NewKeystone(t)
	a := begin(t, ks)
	for _, addr := range []string{"127.0.0.1", "::1", "0.0.0.0", "::"} {
		if l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", net.JoinHostPort(addr, port(a.origin))); err == nil {
			l.Close()
			t.Errorf("%s: got a second listener, want an error", addr)
		}
	}
}

// TestRedirectHostAddress signs in with an address, in each spelling, for the host.
func TestRedirectHostAddress(t *testing.T) {
	t.Parallel()
	for host, origin := range map[string]string{"127.0.0.1": "http://127.0.0.1:", "::1": "http://[::1]:", "[::1]": "http://[::1]:", "LOCALHOST": "http://localhost:"} {
		t.Run(host, func(t *testing.T) {
			ks, opts := parallel(t)
			opts.RedirectHost = host
			ks.Configure(func(c *webssotest.Config) {
				c.TrustedDashboards = []string{origin + strconv.Itoa(opts.RedirectPort) + "/auth/websso/"}
			})
			must(t, websso.Authenticate(t.Context(), newClient(t, ks), opts))
		})
	}
}
