package webssotest

import (
	"net/http"
	"net/url"
	"strings"
)

// This file is the web server in front of Keystone, with the module that signs users in:
// it has sessions of its own.

const (
	federationPath = "/v3/auth/OS-FEDERATION/"
	comeBackPath   = federationPath + "oidc_redirect" // where identity providers send the browser back to
	mellonPath     = federationPath + "mellon/"
)

// Keystone's cookies. Browsers keep cookies per host and ignore the port, so the
// identity providers, on another port, need other names.
const (
	flowCookie    = "keystone_flow"
	sessionCookie = "keystone_session"
)

// sendAway sends the browser to the identity provider. The caller holds c.mu.
func (c *cloud) sendAway(w http.ResponseWriter, r *http.Request, idp, protocol string) {
	provider := c.providerOf(idp)
	state := random(32)
	c.flows[state] = flow{page: r.RequestURI, idp: idp, protocol: protocol, provider: provider}
	c.setCookie(w, flowCookie, state, "/")
	query := url.Values{"state": {state}, "redirect_uri": {c.url + comeBackPath}}
	target := c.provider + "/" + provider + "/sign-in?"
	if !c.config.Quirks.Mellon {
		http.Redirect(w, r, target+query.Encode(), http.StatusFound)
		return
	}
	query = url.Values{"state": {state}, "SAMLRequest": {random(32)}}
	query = url.Values{"ReturnTo": {c.url + r.RequestURI}, "IdP": {target + query.Encode()}}
	http.Redirect(w, r, c.url+mellonPath+"login?"+query.Encode(), http.StatusSeeOther)
}

// mellonLogin goes on to the identity provider.
func (c *cloud) mellonLogin(w http.ResponseWriter, r *http.Request) {
	target := r.URL.Query().Get("IdP")
	if !strings.HasPrefix(target, c.provider+"/") {
		http.Error(w, "Unknown identity provider.", http.StatusBadRequest)
		return
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
}

// mellonLogout ends the browser's session, as mod_auth_mellon does.
func (c *cloud) mellonLogout(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.logOut(w, r, r.URL.Query().Get("ReturnTo"))
}

// providerOf returns the identity provider that signs users in for idp, which a guard
// may not know.
func (c *cloud) providerOf(idp string) string {
	if !isIdentityProvider(idp) {
		return IdentityProvider
	}
	return idp
}

// session returns the browser's session with the web server in front of Keystone. It
// outlives the one with the identity provider. The caller holds c.mu.
func (c *cloud) session(r *http.Request, idp, protocol string) (session, bool) {
	cookie, err := r.Cookie(sessionCookie)
	if err != nil {
		return session{}, false
	}
	s, ok := c.sessions[cookie.Value]
	return s, ok && s.idp == idp && s.protocol == protocol
}

// comeBack takes the code that the identity provider's redirect brings. Only the
// browser that began the flow can end it. With the parameter logout it ends the
// browser's session, as mod_auth_openidc does.
func (c *cloud) comeBack(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	c.mu.Lock()
	defer c.mu.Unlock()
	if query.Has("logout") {
		c.logOut(w, r, query.Get("logout"))
		return
	}
	cookie, err := r.Cookie(flowCookie)
	f, begun := c.flows[query.Get("state")]
	who, signedIn := c.codes[query.Get("code")]
	if err != nil || cookie.Value != query.Get("state") || !begun || !signedIn || who.idp != f.provider {
		http.Error(w, "This sign-in did not begin in this browser, or is over.", http.StatusBadRequest)
		return
	}
	delete(c.flows, cookie.Value)
	delete(c.codes, query.Get("code"))
	id := random(32)
	c.sessions[id] = session{user: who.user, idp: f.idp, protocol: f.protocol}
	c.setCookie(w, sessionCookie, id, "/")
	http.Redirect(w, r, c.url+f.page, http.StatusFound)
}

// logOut ends the browser's session with Keystone and, if there was one, sends the browser
// to the identity provider to end the one there. The caller holds c.mu.
func (c *cloud) logOut(w http.ResponseWriter, r *http.Request, next string) {
	target, err := url.Parse(next)
	if err != nil || target.Host != "" && target.Scheme+"://"+target.Host != c.url {
		http.Error(w, "Invalid Request", http.StatusBadRequest)
		return
	}
	cookie, err := r.Cookie(sessionCookie)
	who, signedIn := session{}, false
	if err == nil {
		who, signedIn = c.sessions[cookie.Value]
		delete(c.sessions, cookie.Value)
	}
	if signedIn {
		next = c.provider + "/" + c.providerOf(who.idp) + "/sign-out?" + url.Values{"next": {next}}.Encode()
	}
	http.Redirect(w, r, next, http.StatusFound)
}

func (c *cloud) setCookie(w http.ResponseWriter, name, value, path string) {
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: value, Path: path,
		HttpOnly: true, Secure: c.secure, SameSite: http.SameSiteLaxMode,
	})
}
