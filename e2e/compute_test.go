package e2e_test

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
)

// computeAddr is the address of the compute service in the catalog.
const computeAddr = "127.0.0.1:8774"

// serveCompute stands in for Nova. It asks Keystone about each token; the owner of a
// valid one has one server, named after the user and the project.
func serveCompute(t *testing.T, c *cloud) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", computeAddr)
	must(t, err)
	admin := c.admin(t)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
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
			map[string]any{"id": "1", "name": "server of " + user.Name + " in " + project.Name},
		}})
	}))
	server.Listener.Close()
	server.Listener = listener
	server.Start()
	t.Cleanup(server.Close)
}
