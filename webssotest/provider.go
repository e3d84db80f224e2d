package webssotest

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"net/url"
)

var (
	//go:embed pages/provider.html
	providerHTML string
	providerPage = template.Must(template.New("provider").Parse(providerHTML))
)

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
