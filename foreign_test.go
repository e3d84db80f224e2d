package websso_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

// TestForeignBodies has gateways answer in the place of Keystone, some of them much like it.
// None of that says anything about a sign-in.
func TestForeignBodies(t *testing.T) {
	t.Parallel()
	type body struct {
		status      int
		contentType string
		text        string
	}
	for name, b := range map[string]body{
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
			t.Parallel()
			ks := webssotest.NewKeystone(t)
			opts := ks.AuthOptions()
			opts.Cache = aged{opts.Cache}
			authenticate(t, ks, opts)
			client, _ := authenticate(t, ks, opts)
			ks.Revoke(client.Token())
			ks.Configure(func(c *webssotest.Config) {
				c.Intercept = func(r *http.Request) http.Handler {
					if !strings.HasPrefix(r.URL.Path, "/v3/auth/") {
						return nil
					}
					return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
						w.Header().Set("Content-Type", b.contentType)
						w.WriteHeader(b.status)
						_, _ = io.WriteString(w, b.text)
					})
				}
			})
			if _, err := serverNames(t, client); err == nil || loginRequired(err) {
				t.Errorf("got error %v, want that of the answer", err)
			}
			opts.Scope, opts.NonInteractive = project("lab"), true
			if err := websso.Authenticate(t.Context(), newClient(t, ks), opts); err == nil || errors.Is(err, websso.ErrLoginRequired) || errors.Is(err, websso.ErrScope) {
				t.Errorf("got error %v, want that of the answer", err)
			}
			if _, err := websso.Export(t.Context(), newClient(t, ks), opts); err == nil || errors.Is(err, websso.ErrLoginRequired) {
				t.Errorf("Export: got error %v, want that of the answer", err)
			}
			ks.Configure(func(c *webssotest.Config) { c.Intercept = nil })
			if _, err := serverNames(t, client); err != nil {
				t.Errorf("got error %v, want a new token", err)
			}
			authenticate(t, ks, opts)
			wantSignIns(t, ks, 1)
		})
	}
}
