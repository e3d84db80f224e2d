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

// providerView is what the page of an identity provider shows: a form where nobody is
// signed in, and otherwise who is.
type providerView struct {
	Name    string // of the identity provider
	State   string
	User    string // typed, or signed in
	Signed  bool
	Notice  string
	Refusal string
	People  []User
}

// identityProvider serves both identity providers, each below its name.
func (k *Keystone) identityProvider() http.Handler {
	mux := http.NewServeMux()
	for path, page := range map[string]func(http.ResponseWriter, *http.Request){
		"GET /{idp}/{$}":      k.showSession,
		"GET /{idp}/sign-in":  k.showForm,
		"POST /{idp}/sign-in": k.checkPassword,
		"GET /{idp}/sign-out": k.signOut,
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

// LogoutURL is the page that ends a browser's session with an identity provider: the
// next sign-in asks for a password again.
func (k *Keystone) LogoutURL(identityProvider string) string {
	return k.provider + "/" + identityProvider + "/sign-out"
}

// providerCookie is the identity provider's for its session.
func providerCookie(idp string) string { return idp + "_session" }

func (k *Keystone) signedIn(r *http.Request) (session, bool) {
	c, err := r.Cookie(providerCookie(r.PathValue("idp")))
	if err != nil {
		return session{}, false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	s, ok := k.sessions[c.Value]
	return s, ok && s.idp == r.PathValue("idp")
}

func (k *Keystone) showSession(w http.ResponseWriter, r *http.Request) {
	who, signed := k.signedIn(r)
	k.show(w, r, http.StatusOK, providerView{User: who.user, Signed: signed})
}

// showForm is where Keystone sends a browser to. Who has a session goes back at once.
func (k *Keystone) showForm(w http.ResponseWriter, r *http.Request) {
	state := r.URL.Query().Get("state")
	if who, signed := k.signedIn(r); signed && state != "" {
		k.goBack(w, r, who, state)
		return
	}
	k.show(w, r, http.StatusOK, providerView{State: state})
}

func (k *Keystone) checkPassword(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<16)
	name, idp := r.PostFormValue("user"), r.PathValue("idp")
	k.mu.Lock()
	u := k.users[name]
	right := u != nil && !u.Local && u.Password == r.PostFormValue("password")
	who := session{user: name, idp: idp}
	id := random(32)
	if right {
		k.logins++
		k.sessions[id] = who
	}
	k.mu.Unlock()

	state := r.PostFormValue("state")
	if !right {
		k.show(w, r, http.StatusUnauthorized, providerView{State: state, User: name, Refusal: "That is not the password of anybody of that name."})
		return
	}
	k.setCookie(w, providerCookie(idp), id, "/"+idp+"/")
	if state == "" {
		http.Redirect(w, r, "/"+idp+"/", http.StatusSeeOther)
		return
	}
	k.goBack(w, r, who, state)
}

// goBack sends the browser to Keystone with a code that is good once.
func (k *Keystone) goBack(w http.ResponseWriter, r *http.Request, who session, state string) {
	code := random(32)
	k.mu.Lock()
	k.codes[code] = who
	k.mu.Unlock()
	query := url.Values{"code": {code}, "state": {state}}
	http.Redirect(w, r, k.url+comeBackPath+"?"+query.Encode(), http.StatusSeeOther)
}

func (k *Keystone) signOut(w http.ResponseWriter, r *http.Request) {
	idp := r.PathValue("idp")
	if c, err := r.Cookie(providerCookie(idp)); err == nil {
		k.mu.Lock()
		delete(k.sessions, c.Value)
		k.mu.Unlock()
	}
	k.show(w, r, http.StatusOK, providerView{Notice: "You are signed out."})
}

func (k *Keystone) show(w http.ResponseWriter, r *http.Request, status int, view providerView) {
	view.Name = r.PathValue("idp")
	for _, u := range k.Users() {
		if !u.Local {
			view.People = append(view.People, u)
		}
	}
	var page bytes.Buffer
	if err := providerPage.Execute(&page, view); err != nil {
		panic(err) // only a mistake in this package can cause it
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	// No form-action: browsers apply it to the redirects that follow the form, too.
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'")
	w.WriteHeader(status)
	_, _ = page.WriteTo(w)
}
