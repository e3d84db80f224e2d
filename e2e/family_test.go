package e2e_test

import (
	"net"
	"testing"

	"github.com/gophercloud-websso/websso/webssotest"
)

// TestWithoutIPv6 and TestWithoutIPv4 sign in on hosts that lack one of the two
// addresses of localhost: the other one has to do.

func TestWithoutIPv6(t *testing.T) {
	// The cloud's hosts have addresses in this family, so the loopback address goes,
	// and not the family.
	oneFamily(t, "[::1]:0", "addr del ::1/128 dev lo")
}

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
		t.Fatalf("%s is there: this tests nothing", missing)
	}
	a := c.begin(t, c.options())
	b := &webssotest.Browser{User: "dwho", Password: "dwho", TLS: c.tls}
	must(t, b.Open(a.url))
	a.signedIn("dwho")
}
