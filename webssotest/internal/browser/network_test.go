package browser_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gophercloud-websso/websso/webssotest/internal/browser"
)

func TestLoopbackAddress(t *testing.T) {
	var l4, l6 net.Listener
	for range 100 {
		var err error
		if l6, err = net.Listen("tcp", "[::1]:0"); err != nil {
			t.Skip("no IPv6:", err)
		}
		_, port, _ := net.SplitHostPort(l6.Addr().String())
		if l4, err = net.Listen("tcp", "127.0.0.1:"+port); err == nil {
			break
		}
		l6.Close()
	}
	if l4 == nil {
		t.Fatal("no port is free on both addresses")
	}
	for l, text := range map[net.Listener]string{l4: "four", l6: "six"} {
		s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, text) }))
		s.Listener.Close()
		s.Listener = l
		s.Start()
		defer s.Close()
	}
	_, port, _ := net.SplitHostPort(l4.Addr().String())
	for ipv4First, want := range map[bool]string{false: "six", true: "four"} {
		page, err := visit("http://localhost:"+port, browser.Settings{IPv4First: ipv4First})
		if err != nil || page.Text != want {
			t.Errorf("IPv4First %t: got %+v, error %v; want %q", ipv4First, page, err, want)
		}
	}
}
