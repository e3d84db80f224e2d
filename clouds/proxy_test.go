package clouds_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/clouds"
	"github.com/gophercloud-websso/websso/webssotest"
)

// farAway is a name that only the proxy can reach.
const farAway = "keystone.invalid"

// TestProxy signs in to clouds that can only be reached through HTTPS_PROXY. net/http
// reads that variable once and uses no proxy for loopback addresses, so the test needs a
// process of its own and a host name.
func TestProxy(t *testing.T) {
	if os.Getenv("WEBSSO_TEST_PROXY") == "" {
		self, err := os.Executable()
		must(t, err)
		cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestProxy$", "-test.v")
		cmd.Env = append(os.Environ(), "WEBSSO_TEST_PROXY=1", "http_proxy=", "https_proxy=", "no_proxy=", "NO_PROXY=")
		if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS: TestProxy/websso") {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}

	k := webssotest.NewTLSKeystone(t)
	home, err := url.Parse(k.URL())
	must(t, err)
	// The browser uses no proxy.
	k.Browser().Before = func(_ webssotest.Step, r *http.Request) error {
		if r.URL.Hostname() == farAway {
			r.URL.Host, r.Host = home.Host, home.Host
		}
		return nil
	}
	var tunnels atomic.Int32
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect || !strings.HasPrefix(r.Host, farAway+":") {
			http.Error(w, "only to Keystone", http.StatusForbidden)
			return
		}
		tunnels.Add(1)
		there, err := net.Dial("tcp", home.Host)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		defer there.Close()
		here, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer here.Close()
		io.WriteString(here, "HTTP/1.1 200 OK\r\n\r\n")
		go io.Copy(there, here)
		io.Copy(here, there)
	}))
	defer proxy.Close()
	cleanEnv(t, nil)
	t.Setenv("HTTPS_PROXY", proxy.URL)

	// The certificate is for another name, so it can't be verified.
	file := strings.ReplaceAll(k.CloudsYAML(), k.URL(), "https://"+net.JoinHostPort(farAway, home.Port()))
	for _, cloud := range []string{"websso", "password"} {
		t.Run(cloud, func(t *testing.T) {
			before := tunnels.Load()
			_, _, err := clouds.NewProviderClient(t.Context(), signInAt(k), clouds.WithInsecure(true),
				clouds.WithAuthOptions(func(ao *websso.AuthOptions) { ao.Scope = nil }),
				clouds.WithCloudsYAML(strings.NewReader(file)), clouds.WithCloudName(cloud))
			must(t, err)
			if tunnels.Load() == before {
				t.Error("got no request through the proxy")
			}
		})
	}
}
