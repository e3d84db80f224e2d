package e2e_test

import (
	"context"
	"net"
	"os"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso/e2e/browsers"
)

// TestFiftySignIns signs in fifty times in a row, as fast as everything is and with a
// network that takes its time. Nobody is asked for a code, and nobody logs in twice.
func TestFiftySignIns(t *testing.T) {
	c := realCloud(t)
	onlyWithAll(t)
	for _, far := range []time.Duration{0, 300 * time.Millisecond} {
		t.Run(far.String(), func(t *testing.T) {
			moveAway(t, far)
			inEachEngine(t, func(t *testing.T, e engine) {
				for _, w := range []way{{provider: "lemon", protocol: "openid"}, {provider: "lime", protocol: "saml2"}} {
					b := e.browser(t, browsers.Options{})
					var longest, all time.Duration
					const many = 25
					for i := range many {
						began := time.Now()
						a := c.begin(t, w.options(c))
						p := open(t, b, a.url)
						if i == 0 {
							p.logIn("dwho")
						}
						p.outcome(true)
						a.signedIn("dwho")
						if i > 0 {
							took := time.Since(began)
							longest, all = max(longest, took), all+took
						}
						p.do("closing", p.tab.Close)
					}
					t.Logf("%s: a silent sign-in took %s, at most %s", w.protocol, all/(many-1), longest)
				}
			})
		})
	}
}

// moveAway has every request to the cloud and its identity providers arrive later, from
// browsers and programs alike, and between them, until the test ends.
func moveAway(t *testing.T, far time.Duration) {
	t.Helper()
	if far == 0 {
		return
	}
	hosts, err := os.ReadFile("/etc/hosts")
	must(t, err)
	near := regexp.MustCompile(`(?m)^127\.0\.0\.(1[0-9])\b`)
	for _, found := range near.FindAllSubmatch(hosts, -1) {
		listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.1."+string(found[1])+":443")
		must(t, err)
		relay(t, listener, func(ctx context.Context) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(ctx, "tcp", "127.0.0."+string(found[1])+":443")
			if err != nil {
				return nil, err
			}
			return &distant{Conn: conn, far: far}, nil
		})
	}
	must(t, os.WriteFile("/etc/hosts", near.ReplaceAll(hosts, []byte("127.0.1.$1")), 0o644))
	t.Cleanup(func() { must(t, os.WriteFile("/etc/hosts", hosts, 0o644)) })
}

// distant is a connection to a server from which each answer takes its time.
type distant struct {
	net.Conn
	far time.Duration

	mu     sync.Mutex
	asked  time.Time
	waited bool
}

func (d *distant) Write(p []byte) (int, error) {
	d.mu.Lock()
	d.asked, d.waited = time.Now(), false
	d.mu.Unlock()
	return d.Conn.Write(p)
}

// Read delays the first part of an answer.
func (d *distant) Read(p []byte) (int, error) {
	n, err := d.Conn.Read(p)
	d.mu.Lock()
	late := d.asked.Add(d.far)
	wait := !d.waited
	d.waited = true
	d.mu.Unlock()
	if wait {
		time.Sleep(time.Until(late))
	}
	return n, err
}
