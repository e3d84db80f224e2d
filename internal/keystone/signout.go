package keystone

import (
	"net/url"
	"strings"
)

// SignOut returns the address that ends a browser's session with the web server in front
// of Keystone and, if there is one, with the identity provider, or "" if begin does not
// show it. begin is what came back for the start of a sign-in.
//
// mod_auth_openidc and mod_auth_mellon remember the user by themselves: signing out at the
// identity provider alone leaves Keystone with the old user. Their sign-out leads back to
// the endpoint, because they refuse another host.
func (c *Client) SignOut(begin Answer) string {
	here, err := url.Parse(c.endpoint)
	if err != nil || begin.Status/100 != 3 {
		return ""
	}
	to, err := here.Parse(begin.Header.Get("Location"))
	if err != nil {
		return ""
	}
	sent := to.Query()
	// The module of mellon sends the browser to itself first: an address below its
	// MellonEndpointPath, which has a logout beside the login.
	if path, ok := strings.CutSuffix(to.Path, "/login"); ok && sent.Has("ReturnTo") && sameServer(to, here) {
		return at(to, path+"/logout", "ReturnTo", c.endpoint)
	}
	// OIDCRedirectURI, as the identity provider is told, or a page to choose one.
	for _, name := range []string{"redirect_uri", "oidc_callback"} {
		if back, err := url.Parse(sent.Get(name)); err == nil && sameServer(back, here) {
			return at(back, back.Path, "logout", c.endpoint)
		}
	}
	return ""
}

func at(server *url.URL, path, name, value string) string {
	return (&url.URL{Scheme: server.Scheme, Host: server.Host, Path: path, RawQuery: url.Values{name: {value}}.Encode()}).String()
}

func sameServer(a, b *url.URL) bool { return a.Scheme == b.Scheme && strings.EqualFold(a.Host, b.Host) }
