//go:build unix

package websso_test

import (
	"context"
	"errors"
	"net"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

// TestPortInUse has a stranger on one of the addresses, or on all: nothing opens, and
// the error says which one it is.
func TestPortInUse(t *testing.T) {
	for name, stranger := range map[string]struct{ network, addr, says string }{
		"IPv4 loopback": {"tcp4", "127.0.0.1", "on 127.0.0.1"},
		"IPv6 loopback": {"tcp6", "::1", "on ::1"},
		"any IPv4":      {"tcp4", "0.0.0.0", "on 127.0.0.1"},
		"any IPv6":      {"tcp6", "::", "on ::1"},
		"any":           {"tcp", "", "on 127.0.0.1"},
	} {
		t.Run(name, func(t *testing.T) {
			ks := webssotest.NewKeystone(t)
			opts := ks.AuthOptions()
			opts.OpenURL = noBrowser(t)
			config := net.ListenConfig{}
			if stranger.addr == "::" {
				config.Control = onlyIPv6
			}
			l, err := config.Listen(t.Context(), stranger.network, net.JoinHostPort(stranger.addr, strconv.Itoa(opts.RedirectPort)))
			if err != nil {
				t.Skip("no such address here:", err)
			}
			defer l.Close()
			var out transcript
			opts.Output = &out
			err = websso.Authenticate(t.Context(), newClient(t, ks), opts)
			if !errors.Is(err, websso.ErrPortInUse) || !strings.Contains(err.Error(), stranger.says) || !strings.Contains(err.Error(), strconv.Itoa(opts.RedirectPort)) {
				t.Errorf("error %v", err)
			}
			if out.String() != "" {
				t.Errorf("told an address that was not listened on:\n%s", &out)
			}
			l.Close()
			opts.OpenURL = ks.AuthOptions().OpenURL
			authenticate(t, ks, opts) // nothing was left bound
		})
	}
}

func onlyIPv6(_, _ string, c syscall.RawConn) error {
	return c.Control(func(fd uintptr) { _ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_IPV6, syscall.IPV6_V6ONLY, 1) })
}

// While a sign-in waits nobody else can have either address.
func TestBothAddressesHeld(t *testing.T) {
	ks := webssotest.NewKeystone(t)
	a := begin(t, ks)
	for _, addr := range []string{"127.0.0.1", "::1", "0.0.0.0", "::"} {
		if l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", net.JoinHostPort(addr, port(a.origin))); err == nil {
			l.Close()
			t.Errorf("%s could be taken", addr)
		}
	}
}

// A RedirectHost that is an address is listened on alone.
func TestRedirectHostAddress(t *testing.T) {
	for host, origin := range map[string]string{"127.0.0.1": "http://127.0.0.1:", "::1": "http://[::1]:", "[::1]": "http://[::1]:", "LOCALHOST": "http://localhost:"} {
		t.Run(host, func(t *testing.T) {
			ks := webssotest.NewKeystone(t)
			opts := ks.AuthOptions()
			opts.RedirectHost = host
			ks.Configure(func(c *webssotest.Config) {
				c.TrustedDashboards = []string{origin + strconv.Itoa(opts.RedirectPort) + "/auth/websso/"}
			})
			if err := websso.Authenticate(t.Context(), newClient(t, ks), opts); err != nil {
				t.Fatal(err)
			}
		})
	}
}
