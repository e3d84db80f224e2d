package clouds_test

import (
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/clouds"
	"github.com/gophercloud-websso/websso/webssotest"
)

// signInAt makes k's browser sign in and uses k's cache.
func signInAt(k *webssotest.Keystone) clouds.ParseOption {
	return clouds.WithAuthOptions(func(ao *websso.AuthOptions) {
		own := k.AuthOptions()
		ao.Timeout, ao.Cache, ao.OpenURL, ao.Output = own.Timeout, own.Cache, own.OpenURL, own.Output
	})
}

func list(t *testing.T, client *gophercloud.ProviderClient, eo gophercloud.EndpointOpts) []string {
	t.Helper()
	compute, err := openstack.NewComputeV2(client, eo)
	must(t, err)
	page, err := servers.List(compute, nil).AllPages(t.Context())
	must(t, err)
	all, err := servers.ExtractServers(page)
	must(t, err)
	var names []string
	for _, s := range all {
		names = append(names, s.Name)
	}
	return names
}

// logger is the transport of a tool that counts its requests.
type logger struct {
	next http.RoundTripper
	seen atomic.Int32
}

func (l *logger) RoundTrip(r *http.Request) (*http.Response, error) {
	l.seen.Add(1)
	return l.next.RoundTrip(r)
}

// TestTool signs in to three kinds of clouds like a tool that has its own user agent,
// logs its requests and renews tokens.
func TestTool(t *testing.T) {
	for _, cloud := range []string{"websso", "password", "application_credential"} {
		t.Run(cloud, func(t *testing.T) {
			k := webssotest.NewTLSKeystone(t)
			cleanEnv(t, map[string]string{"OS_CLOUD": cloud})
			writeFile(t, "clouds.yaml", k.CloudsYAML())
			log := new(logger)
			sign := func() (*gophercloud.ProviderClient, gophercloud.EndpointOpts) {
				client, eo, err := clouds.NewProviderClient(t.Context(), signInAt(k), allowReauth(true),
					clouds.WithClient(func(c *gophercloud.ProviderClient) {
						c.UserAgent.Prepend("tool/1.0")
						log.next = c.HTTPClient.Transport
						c.HTTPClient.Transport = log
					}))
				must(t, err)
				return client, eo
			}
			client, eo := sign()
			if got := list(t, client, eo); !slices.Equal(got, []string{"web-1", "web-2", "database"}) {
				t.Errorf("got %q, want the three servers", got)
			}
			asked := 0
			for _, r := range k.Requests() {
				if strings.HasPrefix(r.UserAgent, "Mozilla/") {
					continue
				}
				asked++
				if !strings.HasPrefix(r.UserAgent, "tool/1.0 ") {
					t.Errorf("%s has user agent %q, want prefix tool/1.0", r, r.UserAgent)
				}
			}
			if logged := int(log.seen.Load()); asked == 0 || logged != asked {
				t.Errorf("got %d logged requests, want %d", logged, asked)
			}

			// The token expires, and so does the sign-in that it came from.
			k.Configure(func(c *webssotest.Config) { c.ClockSkew = c.TokenLifetime })
			if got := list(t, client, eo); len(got) != 3 {
				t.Errorf("got %q after the token had expired, want 3 servers", got)
			}
		})
	}
}
