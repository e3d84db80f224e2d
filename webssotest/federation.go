package webssotest

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

var (
	//go:embed pages/callback.html
	callbackHTML string
	callbackPage = template.Must(template.New("callback").Parse(callbackHTML))
	//go:embed pages/provider.html
	providerHTML string
	providerPage = template.Must(template.New("provider").Parse(providerHTML))
)

// isForBrowsers reports whether a request to Keystone comes from a user's browser.
func isForBrowsers(r *http.Request) bool {
	path := strings.TrimPrefix(r.URL.Path, "/identity")
	return path == "/favicon.ico" || strings.HasPrefix(path, federationPath)
}

// webSSO sends the browser to an identity provider and, when it comes back, sends a
// token to the origin through it. The web server in front of a real Keystone asks for
// the sign-in, so whatever else is wrong with the request shows only afterwards.
func (c *cloud) webSSO(w http.ResponseWriter, r *http.Request) error {
	idp, protocol := r.PathValue("idp"), r.PathValue("protocol")
	named := idp != ""
	if !named {
		idp = IdentityProvider
	}
	known := isIdentityProvider(idp) && isProtocol(protocol)
	c.mu.Lock()
	defer c.mu.Unlock()
	var who session
	switch {
	case c.config.Quirks.Negotiate:
		user := c.ticketUser(r)
		if user == "" {
			w.Header().Set("WWW-Authenticate", "Negotiate")
			writeHTML(w, http.StatusUnauthorized)
			return nil
		}
		who = session{user: user, idp: idp, protocol: protocol}
	case known || c.config.Quirks.GuardAll:
		var signedIn bool
		if who, signedIn = c.session(r, idp, protocol); !signedIn {
			c.sendAway(w, r, idp, protocol)
			return nil
		}
	}
	origin := r.URL.Query().Get("origin")
	switch u := c.users[who.user]; {
	case origin == "":
		return failure{http.StatusBadRequest, "Request must have an origin query parameter"}
	case !slices.Contains(c.config.TrustedDashboards, origin):
		return errUnauthorized
	case !isProtocol(protocol) && named:
		return errUnsupported
	case !isIdentityProvider(idp):
		return failure{http.StatusNotFound, "Could not find Identity Provider: " + idp + "."}
	case !known, u == nil, u.disabled:
		return errUnauthorized
	}
	c.signIns++
	t := c.issue(token{
		user: who.user, idp: idp, protocol: protocol, expires: c.now().Add(c.config.TokenLifetime),
	}, scope{}, protocol)
	t.unused = true
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	return callbackPage.Execute(w, struct {
		Host  template.URL // as it stands: the operator trusts it
		Token string
		HTML5 bool
	}{template.URL(origin), t.id, c.config.Quirks.HTML5Form})
}

// ticketUser returns the name of the user whose ticket the request has, or "". A
// ticket is what a [Browser] makes of its user's name and password. The caller holds
// c.mu.
func (c *cloud) ticketUser(r *http.Request) string {
	ticket, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Negotiate ")
	text, _ := base64.StdEncoding.DecodeString(ticket)
	name, password, _ := strings.Cut(string(text), ":")
	if u := c.users[name]; u != nil && !u.Local && u.Password == password {
		return name
	}
	return ""
}

// providerView is what the page of an identity provider shows: who is signed in, or
// else a form.
type providerView struct {
	Name    string // of the identity provider
	State   string
	User    string // typed, or signed in
	Signed  bool
	Notice  string
	Refusal string
	Users   []User
}

// identityProvider handles both identity providers, each below its name.
func (c *cloud) identityProvider() http.Handler {
	mux := http.NewServeMux()
	for path, page := range map[string]http.HandlerFunc{
		"GET /{idp}/{$}":      c.showSession,
		"GET /{idp}/sign-in":  c.showForm,
		"POST /{idp}/sign-in": c.checkPassword,
		"GET /{idp}/sign-out": c.signOut,
	} {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			if !isIdentityProvider(r.PathValue("idp")) {
				http.NotFound(w, r)
				return
			}
			page(w, r)
		})
	}
	return mux
}

// providerCookie names the cookie of an identity provider's session.
func providerCookie(idp string) string { return idp + "_session" }

func (c *cloud) signedIn(r *http.Request) (session, bool) {
	cookie, err := r.Cookie(providerCookie(r.PathValue("idp")))
	if err != nil {
		return session{}, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	s, ok := c.sessions[cookie.Value]
	return s, ok && s.idp == r.PathValue("idp")
}

func (c *cloud) showSession(w http.ResponseWriter, r *http.Request) {
	who, signedIn := c.signedIn(r)
	c.showProvider(w, r, http.StatusOK, providerView{User: who.user, Signed: signedIn})
}

// showForm is where Keystone sends browsers. One that has a session goes back at once.
func (c *cloud) showForm(w http.ResponseWriter, r *http.Request) {
	state := r.URL.Query().Get("state")
	if who, signedIn := c.signedIn(r); signedIn && state != "" {
		c.goBack(w, r, who, state)
		return
	}
	c.showProvider(w, r, http.StatusOK, providerView{State: state})
}

func (c *cloud) checkPassword(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<16)
	name, idp := r.PostFormValue("user"), r.PathValue("idp")
	who, id := session{user: name, idp: idp}, random(32)
	c.mu.Lock()
	u := c.users[name]
	right := u != nil && !u.Local && u.Password == r.PostFormValue("password")
	if right {
		c.logins++
		c.sessions[id] = who
	}
	c.mu.Unlock()

	state := r.PostFormValue("state")
	if !right {
		c.showProvider(w, r, http.StatusUnauthorized, providerView{State: state, User: name, Refusal: "Wrong user name or password."})
		return
	}
	c.setCookie(w, providerCookie(idp), id, "/"+idp+"/")
	if state == "" {
		http.Redirect(w, r, "/"+idp+"/", http.StatusSeeOther)
		return
	}
	c.goBack(w, r, who, state)
}

// goBack sends the browser to Keystone with a code that can be used once.
func (c *cloud) goBack(w http.ResponseWriter, r *http.Request, who session, state string) {
	code := random(32)
	c.mu.Lock()
	c.codes[code] = who
	c.mu.Unlock()
	query := url.Values{"code": {code}, "state": {state}}
	http.Redirect(w, r, c.url+comeBackPath+"?"+query.Encode(), http.StatusSeeOther)
}

func (c *cloud) signOut(w http.ResponseWriter, r *http.Request) {
	idp := r.PathValue("idp")
	if cookie, err := r.Cookie(providerCookie(idp)); err == nil {
		c.mu.Lock()
		delete(c.sessions, cookie.Value)
		c.mu.Unlock()
	}
	// Only back to Keystone, where the browser came from.
	if next := r.URL.Query().Get("next"); strings.HasPrefix(next, c.url+"/") {
		http.Redirect(w, r, next, http.StatusFound)
		return
	}
	c.showProvider(w, r, http.StatusOK, providerView{Notice: "You are signed out."})
}

func (c *cloud) showProvider(w http.ResponseWriter, r *http.Request, status int, view providerView) {
	view.Name = r.PathValue("idp")
	c.mu.Lock()
	for _, u := range c.listUsers() {
		if !u.Local {
			view.Users = append(view.Users, u)
		}
	}
	c.mu.Unlock()
	var page bytes.Buffer
	if err := providerPage.Execute(&page, view); err != nil {
		panic(err) // a mistake in this package
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	// No form-action: browsers apply it to the redirects that follow a form, too.
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'")
	w.WriteHeader(status)
	_, _ = page.WriteTo(w)
}
