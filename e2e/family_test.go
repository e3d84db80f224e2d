package e2e_test

import (
	"net"
	"testing"

	"github.com/gophercloud-websso/websso/webssotest"
)

// TestWithoutIPv6 signs in on a host that has only the IPv4 address of localhost.
func TestWithoutIPv6(t *testing.T) {
	// Only the loopback address goes, not the family: the cloud's hosts have IPv6
	// addresses.
	oneFamily(t, "[::1]:0", "addr del ::1/128 dev lo")
}

// TestWithoutIPv4 signs in on a host that has only the IPv6 address of localhost.
func TestWithoutIPv4(t *testing.T) {
	oneFamily(t, "127.0.0.1:0", "addr del 127.0.0.1/8 dev lo")
}

func oneFamily(t *testing.T, missing string, setup ...string) {
	t.Helper()
	c := realCloud(t)
	onlyWithAll(t)
	if !inside(t) {
		newNamespace(t, "one", setup...).run(t)
		return
	}
	serveCloud(t)
	if l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", missing); err == nil {
		l.Close()
		t.Fatalf("got a listener on %s, want no such address", missing)
	}
	a := c.begin(t, c.options())
	b := &webssotest.Browser{User: "dwho", Password: "dwho", TLS: c.tls}
	must(t, b.Open(a.url))
	a.signedIn("dwho")
}
