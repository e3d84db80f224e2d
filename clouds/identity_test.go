package clouds_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/config"
	upstream "github.com/gophercloud/gophercloud/v2/openstack/config/clouds"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/clouds"
)

// identity is a Keystone that gives everyone a token and records the requests.
type identity struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string
}

func newIdentity(t *testing.T) *identity {
	t.Helper()
	k := new(identity)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusMultipleChoices)
		fmt.Fprintf(w, `{"versions": {"values": [{"id": "v3.14", "status": "stable", "links": [{"rel": "self", "href": "%s/v3/"}]}]}}`, k.URL)
	})
	token := func(w http.ResponseWriter, code int) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Subject-Token", "a-token")
		w.WriteHeader(code)
		endpoint := func(region, face string) string {
			return fmt.Sprintf(`{"id": "%[1]s-%[2]s", "region": "%[1]s", "region_id": "%[1]s", "interface": "%[2]s", "url": "http://%[2]s.%[1]s.example.com/v2.1"}`, region, face)
		}
		fmt.Fprintf(w, `{"token": {"expires_at": "2999-01-01T00:00:00.000000Z", "catalog": [{"type": "compute", "name": "nova", "endpoints": [%s, %s, %s]}]}}`,
			endpoint("north", "public"), endpoint("north", "internal"), endpoint("south", "public"))
	}
	mux.HandleFunc("POST /v3/auth/tokens", func(w http.ResponseWriter, _ *http.Request) { token(w, http.StatusCreated) })
	mux.HandleFunc("GET /v3/auth/tokens", func(w http.ResponseWriter, _ *http.Request) { token(w, http.StatusOK) })
	mux.HandleFunc("GET /gone", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) })
	k.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		k.mu.Lock()
		k.asked = append(k.asked, fmt.Sprintf("%s %s %q %s", r.Method, r.URL, r.Header.Get("X-Auth-Token"), body))
		k.mu.Unlock()
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(k.Close)
	return k
}

// requests returns the requests since the last call.
func (k *identity) requests() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	asked := k.asked
	k.asked = nil
	return asked
}

// outcome describes a sign-in: the requests to Keystone, and what its client does
// afterwards.
type outcome struct {
	requests []string
	endpoint gophercloud.EndpointOpts
	compute  string
	failed   bool
	reauth   bool
}

func (k *identity) outcome(client *gophercloud.ProviderClient, eo gophercloud.EndpointOpts, err error) outcome {
	requests := k.requests()
	if err != nil {
		return outcome{failed: true}
	}
	o := outcome{requests: requests, endpoint: eo}
	if compute, err := openstack.NewComputeV2(client, eo); err == nil {
		o.compute = compute.Endpoint
	}
	o.reauth = client.ReauthFunc != nil
	return o
}

func allowReauth(allow bool) clouds.ParseOption {
	return clouds.WithAuthOptions(func(ao *websso.AuthOptions) { ao.AllowReauth = allow })
}

// alone signs in with gophercloud's two calls, as a tool does without this package.
func alone(t *testing.T, reauth bool, opts ...upstream.ParseOption) (*gophercloud.ProviderClient, gophercloud.EndpointOpts, error) {
	t.Helper()
	ao, eo, tlsConfig, err := upstream.Parse(opts...)
	if err != nil {
		return nil, eo, err
	}
	ao.AllowReauth = reauth
	client, err := config.NewProviderClient(t.Context(), ao, config.WithTLSConfig(tlsConfig))
	return client, eo, err
}
