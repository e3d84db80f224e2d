package websso_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
	"github.com/gophercloud/gophercloud/v2"
)

// TestEndlessAnswers has answers that would fill the memory.
func TestEndlessAnswers(t *testing.T) {
	t.Parallel()
	for name, status := range map[string]int{"a token": http.StatusCreated, "an error": http.StatusServiceUnavailable, "a refusal": http.StatusUnauthorized} {
		t.Run(name, func(t *testing.T) {
			ks, opts := parallel(t)
			opts.Scope = nil
			authenticate(t, ks, opts)
			var sent atomic.Int64
			answerWith(ks, "", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Subject-Token", "x")
				w.WriteHeader(status)
				spaces := strings.Repeat(" ", 1<<20)
				for sent.Load() < 64<<20 {
					n, err := io.WriteString(w, spaces)
					if sent.Add(int64(n)); err != nil {
						return
					}
				}
				fmt.Fprint(w, `{"token":{"expires_at":"2099-01-01T00:00:00Z"}}`)
			}))
			opts.Scope, opts.NonInteractive = project("demo"), true
			err := websso.Authenticate(t.Context(), newClient(t, ks), opts)
			if err == nil || errors.Is(err, websso.ErrLoginRequired) {
				t.Errorf("got error %v, want one about the answer", err)
			} else if status == http.StatusCreated && !strings.Contains(err.Error(), "too large") {
				t.Errorf("got error %v, want it to say that the answer is too large", err)
			}
			if n := sent.Load(); n >= 64<<20 {
				t.Errorf("got %d bytes read, want the answer cut off", n)
			}
		})
	}
}

// TestNoTokenInInnerErrors prints errors in all ways, and gophercloud's own, which callers get
// with errors.As and may log whole.
func TestNoTokenInInnerErrors(t *testing.T) {
	ks, opts := parallel(t)
	client, _ := authenticate(t, ks, opts)
	token := client.Token()
	answerWith(ks, "", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Echo", "your token "+r.Header.Get("X-Auth-Token"))
		w.WriteHeader(http.StatusInternalServerError)
		fmt.Fprintf(w, `{"error":{"code":500,"message":"Could not find token: %s."}}`, r.Header.Get("X-Auth-Token"))
	}))
	var answer gophercloud.ErrUnexpectedResponseCode
	opts.Scope, opts.NonInteractive = project("lab"), true
	for _, err := range []error{
		websso.Authenticate(t.Context(), newClient(t, ks), opts),
		websso.Logout(t.Context(), client, opts),
	} {
		if !errors.As(err, &answer) {
			t.Fatalf("got error %v, want Keystone's", err)
		}
		for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
			text := fmt.Sprintf(format+format, err, answer) + string(answer.Body) + fmt.Sprint(answer.ResponseHeader)
			for inner := err; inner != nil; inner = errors.Unwrap(inner) {
				text += fmt.Sprintf(format, inner)
			}
			if strings.Contains(text, token) || strings.Contains(text, "gAAAA") {
				t.Errorf("%s: got a token in %s", format, text)
			}
		}
	}
}

// TestPrintedCache prints the exported type that holds sign-ins.
func TestPrintedCache(t *testing.T) {
	t.Parallel()
	cache := &websso.MemoryCache{}
	must(t, cache.Set("key", "secret"))
	for _, printed := range []any{cache, websso.AuthOptions{Cache: cache}, &websso.AuthOptions{Cache: cache}} {
		for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
			if text := fmt.Sprintf(format, printed); strings.Contains(text, "secret") {
				t.Errorf("%s: got the value in %s", format, text)
			}
		}
	}
}

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
			answerWith(ks, "/v3/auth/", with("Content-Type", b.contentType, reply(b.status, b.text)))
			for _, client := range []*gophercloud.ProviderClient{young, client} {
				if err := use(t.Context(), client); err == nil || errors.Is(err, websso.ErrLoginRequired) {
					t.Errorf("got error %v, want that of the answer", err)
				}
			}
			demo := opts
			check := demo
			check.Check = true
			opts.Scope, opts.NonInteractive = project("lab"), true
			_, exportErr := websso.Export(t.Context(), newClient(t, ks), opts)
			for _, err := range []error{websso.Authenticate(t.Context(), newClient(t, ks), opts), websso.Authenticate(t.Context(), newClient(t, ks), check), exportErr} {
				if err == nil || errors.Is(err, websso.ErrLoginRequired) || errors.Is(err, websso.ErrScope) {
					t.Errorf("got error %v, want that of the answer", err)
				}
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
