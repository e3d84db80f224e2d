package webssotest

import (
	_ "embed"
	"html/template"
	"net/http"
	"slices"
	"strings"
)

// comeBackPath is where the identity providers send the browser to.
const comeBackPath = "/v3/auth/OS-FEDERATION/oidc_redirect"

// Cookies of Keystone's. Browsers keep cookies by host and not by port, so those of
// the identity providers, on another port, must have other names.
const (
	flowCookie    = "keystone_flow"
	sessionCookie = "keystone_session"
)

// A flow is a browser's way to an identity provider and back. It begins with a state
// that only that browser has.
type flow struct {
	page          string // that the browser asked for
	idp, protocol string
}

// A session is a browser's, at Keystone or at an identity provider.
type session struct {
	user, idp, protocol string
}

var (
	//go:embed pages/callback.html
	callbackHTML string
	callbackPage = template.Must(template.New("callback").Parse(callbackHTML))
)

// isForBrowsers says whether a request to Keystone comes from a person's browser.
func isForBrowsers(r *http.Request) bool {
	path := strings.TrimPrefix(r.URL.Path, "/identity")
	return path == "/favicon.ico" || strings.HasPrefix(path, "/v3/auth/OS-FEDERATION/")
}

func isIdentityProvider(name string) bool {
	return name == IdentityProvider || name == OtherIdentityProvider
}

func isProtocol(name string) bool { return name == Protocol || name == "mapped" }

// webSSO hands a token to the page that the browser is to bring it to. The web server
// in front of a real Keystone asks for a sign-in wherever it knows an identity
// provider: what else is wrong with a request, a person learns after the password.
func (k *Keystone) webSSO(w http.ResponseWriter, r *http.Request) error {
	idp, protocol := r.PathValue("idp"), r.PathValue("protocol")
	named := idp != ""
	if !named {
		idp = IdentityProvider
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	var who session
	if isIdentityProvider(idp) && isProtocol(protocol) {
		var known bool
		if who, known = k.takeSession(r, idp, protocol); !known {
			state := random(32)
			k.flows[state] = flow{page: r.RequestURI, idp: idp, protocol: protocol}
			k.setCookie(w, flowCookie, state, "/")
			http.Redirect(w, r, k.provider+"/"+idp+"/sign-in?state="+state, http.StatusFound)
			return nil
		}
	}
	origin := r.URL.Query().Get("origin")
	switch u := k.users[who.user]; {
	case origin == "":
		return failure{http.StatusBadRequest, "Request must have an origin query parameter"}
	case !slices.Contains(k.config.TrustedDashboards, origin):
		return errUnauthorized
	case !isProtocol(protocol) && named:
		return errUnsupported
	case !isIdentityProvider(idp):
		return failure{http.StatusNotFound, "Could not find Identity Provider: " + idp + "."}
	case u == nil || u.disabled:
		return errUnauthorized
	}
	k.signIns++
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	// The origin is one that the operator trusts, as it stands.
	return callbackPage.Execute(w, struct {
		Host  template.URL
		Token string
	}{template.URL(origin), k.signIn(who.user, idp, protocol).id})
}

// takeSession ends the browser's session with Keystone: it serves for one token, so
// that it is the identity provider who remembers people. The caller holds k.mu.
func (k *Keystone) takeSession(r *http.Request, idp, protocol string) (session, bool) {
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		return session{}, false
	}
	s, ok := k.sessions[c.Value]
	if !ok || s.idp != idp || s.protocol != protocol {
		return session{}, false
	}
	delete(k.sessions, c.Value)
	return s, true
}

// comeBack takes what the identity provider's redirect brings. Only the browser that
// began the flow may end it.
func (k *Keystone) comeBack(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	k.mu.Lock()
	defer k.mu.Unlock()
	c, err := r.Cookie(flowCookie)
	f, begun := k.flows[query.Get("state")]
	who, signedIn := k.codes[query.Get("code")]
	if err != nil || c.Value != query.Get("state") || !begun || !signedIn || who.idp != f.idp {
		http.Error(w, "This sign-in did not begin in this browser, or is over.", http.StatusBadRequest)
		return
	}
	delete(k.flows, c.Value)
	delete(k.codes, query.Get("code"))
	id := random(32)
	k.sessions[id] = session{user: who.user, idp: f.idp, protocol: f.protocol}
	k.setCookie(w, sessionCookie, id, "/")
	http.Redirect(w, r, k.url+f.page, http.StatusFound)
}

func (k *Keystone) setCookie(w http.ResponseWriter, name, value, path string) {
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: value, Path: path,
		HttpOnly: true, Secure: k.files != nil, SameSite: http.SameSiteLaxMode,
	})
}
