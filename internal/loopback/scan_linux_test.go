package loopback_test

import (
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso/internal/loopback"
)

// BenchmarkCrowdedTable measures how long an honest request takes while another program
// makes 300 whole requests a second and the kernel's table has thousands of connections.
func BenchmarkCrowdedTable(b *testing.B) {
	for _, pairs := range []int{0, 2400, 9600} {
		b.Run(strconv.Itoa(2*pairs)+"rows", func(b *testing.B) {
			crowd(b, pairs)
			listener, err := (&net.ListenConfig{}).Listen(b.Context(), "tcp4", "127.0.0.1:0")
			if err != nil {
				b.Fatal(err)
			}
			stop := loopback.Serve([]net.Listener{listener}, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				if _, stranger := loopback.Whole(r.Context()); stranger {
					panic(http.ErrAbortHandler)
				}
			}), time.Minute)
			defer stop()
			get := func() {
				req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, "http://"+listener.Addr().String(), nil)
				if err != nil {
					return
				}
				resp, err := http.DefaultClient.Do(req)
				if err == nil {
					_, _ = io.Copy(io.Discard, resp.Body)
					resp.Body.Close()
				}
			}
			done := make(chan struct{})
			defer close(done)
			go func() {
				for tick := time.NewTicker(time.Second / 300); ; {
					select {
					case <-tick.C:
						go get()
					case <-done:
						tick.Stop()
						return
					}
				}
			}()
			var took []time.Duration
			for b.Loop() {
				began := time.Now()
				get()
				took = append(took, time.Since(began))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "ms-worst")
		})
	}
}

// crowd holds that many connections, with two rows in the table for each.
func crowd(b testing.TB, pairs int) {
	b.Helper()
	listener, err := (&net.ListenConfig{}).Listen(b.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { listener.Close() })
	accepted := make(chan net.Conn)
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			accepted <- c
		}
	}()
	for range pairs {
		c, err := (&net.Dialer{}).DialContext(b.Context(), "tcp4", listener.Addr().String())
		if err != nil {
			b.Skip(err) // the limit of open files
		}
		other := <-accepted
		b.Cleanup(func() { c.Close(); other.Close() })
	}
}
