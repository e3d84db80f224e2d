package e2e_test

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
)

// computeAddr is the address of the compute service in the catalog.
const computeAddr = "127.0.0.1:8774"

// imageURL is the address of an image service without images, which openstackclient asks
// for before it lists servers.
const imageURL = "http://" + computeAddr + "/image"

// serveCompute stands in for Nova. It asks Keystone about each token; the owner of a
// valid one has one server, named after the user and the project.
func serveCompute(t *testing.T, c *cloud) {
	t.Helper()
	admin := c.admin(t)
	serverAt(t, computeAddr, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch strings.TrimSuffix(r.URL.Path, "/") {
		case "/v2.1":
			_ = json.NewEncoder(w).Encode(map[string]any{"version": version("v2.1", "http://"+computeAddr+"/v2.1/")})
			return
		case "/image":
			_ = json.NewEncoder(w).Encode(map[string]any{"versions": []any{version("v2.9", imageURL+"/v2/")}})
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), patience)
		defer cancel()
		token := tokens.Get(ctx, admin, r.Header.Get("X-Auth-Token"))
		user, err1 := token.ExtractUser()
		project, err2 := token.ExtractProject()
		if err1 != nil || err2 != nil || user == nil || project == nil {
			http.Error(w, "Keystone does not know this token.", http.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"servers": []any{
			map[string]any{
				"id": "1", "name": "server of " + user.Name + " in " + project.Name, "status": "ACTIVE",
				"image": "", "flavor": map[string]any{"id": "1", "original_name": "small"}, "addresses": map[string]any{},
			},
		}})
	})).Start()
}

// serverAt returns a server, not yet started, that listens on an address until the test ends.
func serverAt(t *testing.T, addr string, handler http.Handler) *httptest.Server {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", addr)
	must(t, err)
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: handler}} //nolint:gosec // it lives as long as the test
	t.Cleanup(server.Close)
	return server
}

func version(id, url string) map[string]any {
	return map[string]any{
		"id": id, "status": "CURRENT", "version": "2.90", "min_version": "2.1",
		"links": []any{map[string]any{"rel": "self", "href": url}},
	}
}
