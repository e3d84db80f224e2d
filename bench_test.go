package websso_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
)

// BenchmarkWarm measures Authenticate with cached tokens, and for comparison json.Valid on
// the same token body.
func BenchmarkWarm(b *testing.B) {
	for _, size := range []int{5 << 10, 20 << 10, 200 << 10} {
		ks := webssotest.NewKeystone(b)
		ks.Configure(func(c *webssotest.Config) { c.Quirks.CatalogSize = size })
		for name, cache := range map[string]func() websso.Cache{
			"memory": func() websso.Cache { return &websso.MemoryCache{} },
			"files":  func() websso.Cache { return websso.NewFileCache(filepath.Join(b.TempDir(), "cache")) },
		} {
			opts := ks.AuthOptions()
			opts.Cache = cache()
			client, _ := authenticate(b, ks, opts)
			body := client.GetAuthResult().(tokens.CreateResult).Body.(json.RawMessage)
			opts.OpenURL = noBrowser(b)
			b.Run(fmt.Sprintf("catalog=%dKB/%s", size>>10, name), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					must(b, websso.Authenticate(b.Context(), &gophercloud.ProviderClient{}, opts))
				}
			})
			if name == "files" {
				b.Run(fmt.Sprintf("catalog=%dKB/files and a service", size>>10), func(b *testing.B) {
					b.ReportAllocs()
					for b.Loop() {
						client, err := openstack.NewClient(ks.URL())
						must(b, err)
						must(b, websso.Authenticate(b.Context(), client, opts))
						_, err = client.EndpointLocator(gophercloud.EndpointOpts{Type: "compute", Region: webssotest.Region, Availability: gophercloud.AvailabilityPublic})
						must(b, err)
					}
				})
				b.Run(fmt.Sprintf("catalog=%dKB/json.Valid", size>>10), func(b *testing.B) {
					b.ReportAllocs()
					for b.Loop() {
						if !json.Valid(body) {
							b.Fatal("got invalid JSON, want valid")
						}
					}
				})
			}
		}
	}
}

// BenchmarkScopes measures Status and Authenticate when one sign-in has tokens for many
// projects in the file cache.
func BenchmarkScopes(b *testing.B) {
	for _, n := range []int{10, 100, 1000} {
		ks := webssotest.NewKeystone(b)
		manyProjects(ks, n)
		opts := ks.AuthOptions()
		opts.Cache, opts.OpenURL = websso.NewFileCache(filepath.Join(b.TempDir(), "cache")), browserOf(ks, "eve").Open
		for i := range n {
			opts.Scope = project(fmt.Sprint("p", i))
			authenticate(b, ks, opts)
		}
		opts.OpenURL = noBrowser(b)
		b.Run(fmt.Sprintf("scopes=%d/status", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if s, err := websso.Status(opts); err != nil || len(s.Scopes) != n {
					b.Fatalf("got status %+v, error %v; want %d scopes", s, err, n)
				}
			}
		})
		b.Run(fmt.Sprintf("scopes=%d/warm", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				must(b, websso.Authenticate(b.Context(), &gophercloud.ProviderClient{}, opts))
			}
		})
	}
}

// BenchmarkProcesses starts processes at once when nothing is cached, and reports how many
// sign-ins and requests to Keystone they need together.
func BenchmarkProcesses(b *testing.B) {
	for _, n := range []int{1, 10, 100} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			signIns, requests := 0, 0
			for b.Loop() {
				env := cacheIn(b.TempDir())
				ks := webssotest.NewKeystone(b)
				var all []*process
				for range n {
					all = append(all, start(b, env, ks, "alice"))
				}
				signedIn(b, all...)
				signIns += ks.SignIns()
				requests += len(ks.APIRequests())
				ks.Close()
			}
			b.ReportMetric(float64(signIns)/float64(b.N), "sign-ins/op")
			b.ReportMetric(float64(requests)/float64(b.N), "requests/op")
		})
	}
}

// BenchmarkSignInUnderAttack measures how long the user's own tab takes from the start page
// to the outcome while others attack the listener.
func BenchmarkSignInUnderAttack(b *testing.B) {
	ks := webssotest.NewKeystone(b)
	mallory, token := tokenOf(b, ks, "bob"), tokenOf(b, ks, "alice")
	attacks := map[string]func(ctx context.Context, a *attempt){
		"posts": func(_ context.Context, a *attempt) {
			got := a.post("/auth/websso/", url.Values{"token": {mallory}}, navigation)
			a.post("/auth/websso/confirm", url.Values{"secret": {a.secret("m")}, "sealed": {got.sealed()}}, fetched)
		},
		"silent connections": func(ctx context.Context, a *attempt) {
			conn, err := net.Dial("tcp", "127.0.0.1:"+port(a.origin))
			if err == nil {
				context.AfterFunc(ctx, func() { conn.Close() })
			}
		},
		"half a request": func(ctx context.Context, a *attempt) {
			conn, err := net.Dial("tcp", "127.0.0.1:"+port(a.origin))
			if err == nil {
				io.WriteString(conn, "POST /auth/websso/ HTTP/1.1\r\nHost: "+strings.TrimPrefix(a.origin, "http://")+"\r\nContent-Length: 60000\r\n\r\nx")
				context.AfterFunc(ctx, func() { conn.Close() })
			}
		},
		"nobody": nil,
	}
	for name, attack := range attacks {
		b.Run(name, func(b *testing.B) {
			var took time.Duration
			var hostile atomic.Int64
			for b.Loop() {
				b.StopTimer()
				a := begin(b, ks)
				ctx, stop := context.WithCancel(b.Context())
				var attackers sync.WaitGroup
				for range 4 {
					attackers.Go(func() {
						// Bounded, to test the listener and not the number of sockets that the
						// machine has.
						for n := 0; n < 5000 && attack != nil && ctx.Err() == nil; n++ {
							attack(ctx, a)
							hostile.Add(1)
						}
					})
				}
				b.StartTimer()
				began := time.Now()
				a.finish(token)
				took += time.Since(began)
				b.StopTimer()
				stop()
				attackers.Wait()
				b.StartTimer()
			}
			b.ReportMetric(float64(took.Microseconds())/1000/float64(b.N), "ms/sign-in")
			b.ReportMetric(float64(hostile.Load())/float64(b.N), "attacks/op")
		})
	}
}
