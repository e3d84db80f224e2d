package loopback_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso/internal/loopback"
)

func TestHost(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]string{
		"": "localhost", "localhost": "localhost", "LocalHost": "localhost",
		"127.0.0.1": "127.0.0.1", "127.0.0.2": "127.0.0.2",
		"::1": "[::1]", "[::1]": "[::1]", "0:0:0:0:0:0:0:1": "[::1]",
		"0.0.0.0": "", "::": "", "192.0.2.1": "", "example.com": "", "localhost.": "", "a.localhost": "",
		"::ffff:127.0.0.1": "", "::1%lo": "", "127.1": "", "127.0.0.1:80": "", "localhost:80": "", "[::1": "[::1]", " ": "", "127.0.0.1/": "",
	} {
		got, err := loopback.Host(host)
		if got != want || (err != nil) != (want == "") {
			t.Errorf("%q: got %q, %v; want %q", host, got, err, want)
		}
		if is := loopback.IsHost(host); is != (want != "" && host != "") {
			t.Errorf("%q: got IsHost %t", host, is)
		}
	}
}

// listen listens on a free port.
func listen(t *testing.T) ([]net.Listener, int) {
	t.Helper()
	for range 20 {
		free, err := net.Listen("tcp", "127.0.0.1:0")
		must(t, err)
		port := free.Addr().(*net.TCPAddr).Port
		free.Close()
		if ls, err := loopback.Listen(t.Context(), "localhost", port); err == nil {
			return ls, port
		}
	}
	t.Fatal("got no free port")
	return nil, 0
}

// TestNoSuchAddress listens on an address that this computer lacks, as some lack ::1. It
// is reserved for documentation (RFC 5737).
func TestNoSuchAddress(t *testing.T) {
	t.Parallel()
	_, err := loopback.Listen(t.Context(), "192.0.2.77", 0)
	if err == nil || errors.Is(err, loopback.ErrInUse) || !strings.Contains(err.Error(), "no address to listen on") {
		t.Errorf("got error %v, want one that says there is no such address", err)
	}
}

func TestListenTakesAllOrNothing(t *testing.T) {
	t.Parallel()
	ls, port := listen(t)
	_, err := loopback.Listen(t.Context(), "127.0.0.1", port)
	if !errors.Is(err, loopback.ErrInUse) || !strings.Contains(err.Error(), fmt.Sprintf("port %d on 127.0.0.1", port)) {
		t.Errorf("got error %v, want ErrInUse with port and address", err)
	}
	// With one address in other hands, the other one is given back.
	ls[len(ls)-1].Close()
	if len(ls) > 1 {
		if _, err := loopback.Listen(t.Context(), "localhost", port); !errors.Is(err, loopback.ErrInUse) {
			t.Errorf("got error %v, want ErrInUse", err)
		}
		ls[0].Close()
		again, err := loopback.Listen(t.Context(), "localhost", port)
		if err != nil {
			t.Fatalf("got error %v, want both addresses free", err)
		}
		for _, l := range again {
			l.Close()
		}
	}
}

// TestStalledRequestEnds has a body that stops in the middle. Not in parallel: it changes a
// limit of all servers.
func TestStalledRequestEnds(t *testing.T) {
	defer loopback.SetReadTimeout(100 * time.Millisecond)()
	ls, port := listen(t)
	failed := make(chan error, 1)
	defer loopback.Serve(ls, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		failed <- err
	}), time.Minute)()
	c := dial(t, port)
	io.WriteString(c, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n{")
	if err := <-failed; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got error %v, want os.ErrDeadlineExceeded", err)
	}
}

// dial connects to a port, until the end of the test.
func dial(t *testing.T, port int) net.Conn {
	t.Helper()
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	must(t, err)
	t.Cleanup(func() { c.Close() })
	return c
}

// must fails the test at once if there is an error.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestServeDropsTheOldest wants connections without a request to make room, the oldest first.
// Not in parallel: no limit ends them.
func TestServeDropsTheOldest(t *testing.T) {
	defer loopback.SetReadTimeout(time.Hour)()
	ls, port := listen(t)
	defer loopback.Serve(ls, http.NotFoundHandler(), time.Minute)()
	var all []net.Conn
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); {
		if all = append(all, dial(t, port)); len(all) < 256 {
			continue
		}
		must(t, all[0].SetReadDeadline(time.Now().Add(20*time.Millisecond)))
		if _, err := all[0].Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			return
		}
	}
	t.Errorf("got the oldest of %d connections held, want it dropped", len(all))
}
