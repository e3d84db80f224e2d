package command

import (
	"bytes"
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/gophercloud-websso/websso/command/internal/screen"
)

// TestTracedTransport checks that the library still sees the TLS settings, and that no
// secret of a request is shown.
func TestTracedTransport(t *testing.T) {
	const secret = "gAAAAA-secret"
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Subject-Token", secret)
		w.WriteHeader(http.StatusTeapot)
		_, _ = w.Write([]byte(secret))
	}))
	defer server.Close()
	var out bytes.Buffer
	a := &app{cmd: &cobra.Command{}, screen: screen.New(&out, "websso")}
	a.cmd.Flags().Bool("debug", true, "")
	config := &tls.Config{InsecureSkipVerify: true}
	transport := a.traced(&http.Transport{TLSClientConfig: config})
	if !transport.TLSClientConfig.InsecureSkipVerify {
		t.Error("got a transport that verifies, want the TLS settings given")
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/v3", strings.NewReader(secret))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Auth-Token", secret)
	resp, err := transport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if got, want := out.String(), "websso: debug: POST "+server.URL+"/v3: 418 I'm a teapot ("; !strings.HasPrefix(got, want) || strings.Contains(got, secret) {
		t.Errorf("got %q, want %q and no secret", got, want)
	}
	if n := a.requests.Load(); n != 1 {
		t.Errorf("got %d requests, want 1", n)
	}
	a.cmd = &cobra.Command{}
	if plain := new(http.Transport); a.traced(plain) != plain {
		t.Error("without --debug the transport is another, want the same")
	}
}
