package websso_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
	"github.com/gophercloud/gophercloud/v2"
)

// TestForeignErrors has gateways answer in the place of Keystone, some of them much like it.
// None of that says anything about a sign-in.
func TestForeignErrors(t *testing.T) {
	t.Parallel()
	for name, b := range map[string]struct {
		status      int
		contentType string
		text        string
	}{
		"404 of an ingress":            {404, "text/html", `<h1>404 Not Found</h1>`},
		"401 of a proxy":               {401, "text/html", `<h1>401 Unauthorized</h1>`},
		"503":                          {503, "text/html", `<h1>503 Service Unavailable</h1>`},
		"a page that holds JSON":       {404, "text/html", `<pre>{"error":{"code":404,"message":"no","title":"Not Found"}}</pre>`},
		"JSON of an API gateway":       {401, "application/json", `{"message":"Unauthorized","request_id":"1"}`},
		"an array":                     {404, "application/json", `[{"error":{"code":404,"message":"no","title":"Not Found"}}]`},
		"an array as the error":        {404, "application/json", `{"error":[{"code":404,"message":"no","title":"Not Found"}]}`},
		"null":                         {404, "application/json", `null`},
		"nothing":                      {404, "application/json", ``},
		"half of Keystone's":           {404, "application/json", `{"error":{"code":404,"message":"no","title":"Not`},
		"two documents":                {404, "application/json", `{"error":{"code":404,"message":"no","title":"Not Found"}}{}`},
		"a code that is a string":      {401, "application/json", `{"error":{"code":"401","message":"no","title":"Unauthorized"}}`},
		"the code of another error":    {404, "application/json", `{"error":{"code":503,"message":"no","title":"Service Unavailable"}}`},
		"an error of a Google API":     {404, "application/json", `{"error":{"code":404,"message":"Requested entity was not found.","status":"NOT_FOUND"}}`},
		"an error of OAuth":            {401, "application/json", `{"error":"invalid_token","error_description":"expired"}`},
		"a problem document":           {404, "application/problem+json", `{"type":"about:blank","title":"Not Found","status":404}`},
		"Keystone's under another key": {401, "application/json", `{"unauthorized":{"code":401,"message":"no","title":"Unauthorized"}}`},
	} {
		t.Run(name, func(t *testing.T) {
			ks, opts := parallel(t)
			young, _ := authenticate(t, ks, opts)
			opts.Cache = aged{opts.Cache}
			client, _ := authenticate(t, ks, opts)
			ks.Configure(func(c *webssotest.Config) { c.Quirks.ComputeRefuses = true }) // or something else answers for it, too
			intercept(ks, func(r *http.Request) http.Handler {
				if strings.HasPrefix(r.URL.Path, "/v3/auth/") {
					return with("Content-Type", b.contentType, reply(b.status, b.text))
				}
				return nil
			})
			for _, client := range []*gophercloud.ProviderClient{young, client} {
				if err := use(t.Context(), client); err == nil || errors.Is(err, websso.ErrLoginRequired) {
					t.Errorf("got error %v, want that of the answer", err)
				}
			}
			demo := opts
			opts.Scope, opts.NonInteractive = project("lab"), true
			if err := websso.Authenticate(t.Context(), newClient(t, ks), opts); err == nil || errors.Is(err, websso.ErrLoginRequired) || errors.Is(err, websso.ErrScope) {
				t.Errorf("got error %v, want that of the answer", err)
			}
			if _, err := websso.Export(t.Context(), newClient(t, ks), opts); err == nil || errors.Is(err, websso.ErrLoginRequired) {
				t.Errorf("Export: got error %v, want that of the answer", err)
			}
			ks.Configure(func(c *webssotest.Config) { c.Quirks.ComputeRefuses, c.Intercept = false, nil })
			if again, n := authenticate(t, ks, demo); again.Token() != client.Token() || len(n) > 0 {
				t.Errorf("got requests %v, want the cached token", n)
			}
			ks.Revoke(client.Token())
			works(t, client)
			authenticate(t, ks, opts)
			wantSignIns(t, ks, 1)
		})
	}
}
