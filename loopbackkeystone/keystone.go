// Package loopbackkeystone serves a Keystone on this computer for tools that know nothing
// of WebSSO and run for longer than a token lives.
//
// Such a tool signs in to it with an application credential that is good for nothing else
// and gets the user's real token. The token's catalog leads the tool straight to the
// cloud's services. When the token dies, the tool signs in again, as it would with any
// application credential, and the sign-in is renewed here: from the cache or, if it has
// ended, through the browser.
//
//	server, err := loopbackkeystone.Start(ctx, client, opts)
//	if err != nil {
//		return err
//	}
//	defer server.Close()
//	cmd := exec.CommandContext(ctx, "terraform", "apply")
//	cmd.Env = append(os.Environ(), server.Env()...)
//	return cmd.Run()
package loopbackkeystone

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/internal/keystone"
	"github.com/gophercloud-websso/websso/internal/loopback"
)

const (
	// maxBody is the largest request passed on: the identity API's are small.
	maxBody = 4 << 20

	// answerLimit bounds an answer. One may wait for the user to sign in.
	answerLimit = 10 * time.Minute
)

// Server is a Keystone on 127.0.0.1 for the tools that a program starts. Only who knows
// its address and secret can use it and, on Linux, only this user. It keeps nothing on
// disk.
type Server struct {
	// URL is the identity endpoint, which ends in /v3.
	URL string

	// ID and Secret are the application credential to sign in with. As a user ID and a
	// password they work as well.
	ID, Secret string

	host   string // the only Host that is served
	prefix string // the path of URL
	renew  *renewer
	proxy  *httputil.ReverseProxy
	stop   func()
}

// Start signs client in as [websso.Authenticate] does and serves its token. A renewal
// opens a browser unless opts.NonInteractive forbids it. It never hands over the token of
// another user than the first. Messages for the user go to opts.Output.
//
// The caller must not use client while the Server runs, and must call Close. ctx bounds
// Start and every later renewal.
func Start(ctx context.Context, client *gophercloud.ProviderClient, opts websso.AuthOptions) (*Server, error) {
	if err := websso.Authenticate(ctx, client, opts); err != nil {
		return nil, err
	}
	opts.ForceLogin = false // it was for this sign-in
	endpoint, err := keystone.ParseEndpoint(cmp.Or(client.IdentityBase, client.IdentityEndpoint))
	if err != nil {
		return nil, err
	}
	target, err := url.Parse(endpoint)
	if err != nil {
		return nil, fmt.Errorf("websso: %w", err)
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("websso: can't listen for the command: %w", err)
	}
	serving, cancel := context.WithCancel(ctx)
	s := &Server{
		ID: rand.Text(), Secret: rand.Text(),
		host:   l.Addr().String(),
		prefix: "/" + rand.Text() + "/v3",
		renew:  newRenewer(client, endpoint, opts),
	}
	s.URL = "http://" + s.host + s.prefix
	s.proxy = s.passOn(target, client.HTTPClient.Transport)
	stop := loopback.Serve([]net.Listener{l}, s.handler(serving), answerLimit)
	s.stop = func() {
		cancel()
		stop()
		s.renew.turn.Lock() // wait for the renewal that runs
		defer s.renew.turn.Unlock()
		if err := s.renew.failed; err != nil { // the tool may not have shown it
			s.renew.output.Say(ctx, "could not renew the command's token: %s", strings.TrimPrefix(err.Error(), "websso: "))
		}
	}
	return s, nil
}

// Close ends the server and every request to it, and tells opts.Output if the last renewal
// failed. What it gave out is good for nothing afterwards; the tokens are still the user's.
// Whatever outlives the tool must not use the address any more: another user of the computer
// can listen there now.
func (s *Server) Close() { s.stop() }

// Env returns the variables with which a tool signs in to the server. The tool must see
// no others that name a user, a scope or a cloud, such as OS_CLOUD or OS_PROJECT_ID.
func (s *Server) Env() []string {
	return []string{
		"OS_AUTH_URL=" + s.URL, "OS_AUTH_TYPE=v3applicationcredential", "OS_IDENTITY_API_VERSION=3",
		"OS_APPLICATION_CREDENTIAL_ID=" + s.ID, "OS_APPLICATION_CREDENTIAL_SECRET=" + s.Secret,
	}
}

// handler serves until ctx is done.
func (s *Server) handler(ctx context.Context) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		base := strings.TrimSuffix(s.prefix, "/v3")
		// A web page can't set Host (Fetch, "forbidden request-header"), and its DNS may
		// point here. Who doesn't know the path can't have anything read either.
		known := r.Host == s.host && hasPrefix(r.URL.Path, base) && isPlain(r.URL.Path)
		var body []byte
		var err error
		if known {
			body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		}
		if _, stranger := loopback.Whole(r.Context()); stranger {
			panic(http.ErrAbortHandler)
		}
		path := strings.TrimSuffix(r.URL.Path, "/")
		read := r.Method == http.MethodGet || r.Method == http.MethodHead
		tooLarge := new(http.MaxBytesError)
		switch {
		case errors.As(err, &tooLarge):
			refuse(w, http.StatusRequestEntityTooLarge, "The request is too large.")
		case errors.Is(err, os.ErrDeadlineExceeded):
			refuse(w, http.StatusRequestTimeout, "The request did not arrive in time.")
		case err != nil:
			refuse(w, http.StatusBadRequest, "The request did not arrive whole.")
		case !known:
			http.NotFound(w, r)
		case path == base && read:
			answer(w, http.StatusMultipleChoices, map[string]any{"versions": map[string]any{"values": []any{s.version()}}})
		case path == s.prefix && read:
			answer(w, http.StatusOK, map[string]any{"version": s.version()})
		case path == s.prefix+"/auth/tokens" && r.Method == http.MethodPost && !usesToken(body):
			s.issue(ctx, w, r, body)
		case strings.HasPrefix(r.URL.Path, s.prefix+"/") && r.Method != http.MethodConnect && r.Method != http.MethodTrace:
			// TRACE would show the token, and CONNECT leads elsewhere (RFC 9110, section 9.3).
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
			r.TransferEncoding, r.Trailer = nil, nil
			s.proxy.ServeHTTP(w, r)
		default:
			http.NotFound(w, r)
		}
	})
}

// hasPrefix reports whether path begins with prefix as a whole step, and takes the same
// time wherever it differs.
func hasPrefix(path, prefix string) bool {
	if len(path) < len(prefix) || len(path) > len(prefix) && path[len(prefix)] != '/' {
		return false
	}
	return subtle.ConstantTimeCompare([]byte(path[:len(prefix)]), []byte(prefix)) == 1
}

// isPlain reports whether path has no steps that could lead out of /v3 where it is passed
// on to.
func isPlain(path string) bool {
	for step := range strings.FieldsFuncSeq(path, func(r rune) bool { return r == '/' || r == '\\' }) {
		if step == "." || step == ".." {
			return false
		}
	}
	return true
}

// version describes the server as Keystone does (keystone/api/discovery.py).
func (s *Server) version() map[string]any {
	return map[string]any{
		"id": "v3.14", "status": "stable", "updated": "2020-04-07T00:00:00Z",
		"links":       []any{map[string]any{"rel": "self", "href": s.URL + "/"}},
		"media-types": []any{map[string]any{"base": "application/json", "type": "application/vnd.openstack.identity-v3+json"}},
	}
}

// issue answers a sign-in of the tool.
func (s *Server) issue(ctx context.Context, w http.ResponseWriter, r *http.Request, body []byte) {
	if !s.isSignIn(body) {
		refuse(w, http.StatusUnauthorized, "This is not the application credential of the command that websso started, or it names a scope.")
		return
	}
	token, err := s.renew.token(ctx, r.Context())
	switch {
	case errors.Is(err, websso.ErrLoginRequired), errors.Is(err, websso.ErrTimeout), errors.Is(err, errOtherUser):
		refuse(w, http.StatusUnauthorized, err.Error())
	case err != nil:
		refuse(w, http.StatusServiceUnavailable, err.Error())
	default:
		w.Header().Set("X-Subject-Token", token.ID)
		w.Header().Set("Vary", "X-Auth-Token")
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write(describe(token.Body, r.URL.Query().Has("nocatalog")))
	}
}

// describe returns the description of a token as Keystone gave it or, as Keystone would
// (keystone/api/auth.py, AuthTokenResource), without its catalog.
func describe(body []byte, noCatalog bool) []byte {
	var said struct {
		Token map[string]json.RawMessage `json:"token"`
	}
	if !noCatalog || json.Unmarshal(body, &said) != nil {
		return body
	}
	delete(said.Token, "catalog")
	short, _ := json.Marshal(said) // of what was JSON
	return short
}

// signIn is the part of a request for a token that is looked at.
type signIn struct {
	Auth struct {
		Identity struct {
			Methods               []string
			ApplicationCredential struct{ ID, Secret string } `json:"application_credential"`
			Password              struct {
				User struct{ ID, Password string }
			}
		}
		Scope json.RawMessage
	}
}

// usesToken reports whether the tool asks for a token with one that it has, which is
// between it and the real Keystone.
func usesToken(body []byte) bool {
	var request signIn
	return json.Unmarshal(body, &request) == nil && len(request.Auth.Identity.Methods) == 1 && request.Auth.Identity.Methods[0] == "token"
}

// isSignIn reports whether body has our ID and secret. It can't ask for a scope, because
// the token has the one that the program signed in to; with that token, Keystone may give
// the tool one of another scope.
func (s *Server) isSignIn(body []byte) bool {
	var request signIn
	if err := json.Unmarshal(body, &request); err != nil || len(request.Auth.Identity.Methods) != 1 || len(request.Auth.Scope) > 0 {
		return false
	}
	var id, secret string
	switch request.Auth.Identity.Methods[0] {
	case "application_credential":
		id, secret = request.Auth.Identity.ApplicationCredential.ID, request.Auth.Identity.ApplicationCredential.Secret
	case "password":
		id, secret = request.Auth.Identity.Password.User.ID, request.Auth.Identity.Password.User.Password
	}
	return subtle.ConstantTimeCompare([]byte(id+"\n"+secret), []byte(s.ID+"\n"+s.Secret)) == 1
}

// refuse answers with an error as Keystone's looks, which tools show.
func refuse(w http.ResponseWriter, status int, message string) {
	answer(w, status, map[string]any{"error": map[string]any{"code": status, "title": http.StatusText(status), "message": message}})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
