package browser_test

import (
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
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

// The answer to a challenge goes to the server that asked, and to no other.
func TestNegotiate(t *testing.T) {
	var got []string
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.Header.Get("Authorization"))
		fmt.Fprint(w, "other")
	}))
	defer other.Close()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.Header.Get("Authorization"))
		if r.Header.Get("Authorization") == "" {
			w.Header().Set("WWW-Authenticate", "Negotiate")
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		http.Redirect(w, r, other.URL, http.StatusFound)
	}))
	defer s.Close()
	page, err := visit(s.URL, browser.Settings{User: "alice", Password: "wonderland"})
	want := []string{"", "Negotiate " + base64.StdEncoding.EncodeToString([]byte("alice:wonderland")), ""}
	if err != nil || page.Text != "other" || !slices.Equal(got, want) {
		t.Errorf("got %+v, error %v, headers %q; want the other server's page and %q", page, err, got, want)
	}
}
