package loopback_test

import (
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso/internal/loopback"
)

// TestPeerVanishesDuringLookup resets connections while the kernel's tables are read. A
// peer on this computer is found, or it is gone and counts as a stranger. It never passes
// for one that the tables don't hold.
func TestPeerVanishesDuringLookup(t *testing.T) {
	crowd(t, 400)
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	const requests = 100
	answers := make(chan bool, requests) // whether the peer passed without a user
	began := make(chan struct{}, requests)
	stop := loopback.Serve([]net.Listener{listener}, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		began <- struct{}{}
		uid, stranger := loopback.Whole(r.Context())
		answers <- uid < 0 && !stranger
	}), time.Minute)
	defer stop()
	passed := 0
	for i := range requests {
		c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp4", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Write([]byte("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")); err != nil {
			t.Fatal(err)
		}
		<-began
		// Reading the tables takes about a millisecond here.
		for end := time.Now().Add(time.Duration(i%100) * 30 * time.Microsecond); time.Now().Before(end); {
		}
		_ = c.(*net.TCPConn).SetLinger(0)
		c.Close()
		if <-answers {
			passed++
		}
	}
	if passed != 0 {
		t.Errorf("got %d of %d peers that passed without a user, want none", passed, requests)
	}
}
