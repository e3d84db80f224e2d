package loopbackkeystone

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"

	"github.com/gophercloud-websso/websso/internal/keystone"
	"github.com/gophercloud-websso/websso/internal/terminal"
)

// passOn passes every other request on to the real Keystone: gophercloud uses the address
// that it signed in at, and not the catalog's, for the whole identity API.
func (s *Server) passOn(target *url.URL, transport http.RoundTripper) *httputil.ReverseProxy {
	return &httputil.ReverseProxy{
		Transport: transport,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Path = strings.TrimPrefix(r.Out.URL.Path, s.prefix)
			r.Out.URL.RawPath = strings.TrimPrefix(r.Out.URL.RawPath, s.prefix)
			r.SetURL(target)
			// ReverseProxy drops what Go can't parse. Keystone may be able to.
			r.Out.URL.RawQuery = r.In.URL.RawQuery
			// The request is here already, and the connection stays one for HTTP.
			r.Out.Header.Del("Expect")
			r.Out.Header.Del("Upgrade")
			r.Out.Header.Del("Connection")
		},
		ModifyResponse: func(resp *http.Response) error { return s.redirect(resp, target) },
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			refuse(w, http.StatusBadGateway, "Keystone could not be reached through websso: "+terminal.Printable(err.Error()))
		},
		ErrorLog: log.New(io.Discard, "", 0),
	}
}

// redirect makes an answer that leads elsewhere in Keystone lead there through the server.
// A redirect to anywhere else is an error: tools send their token along.
func (s *Server) redirect(resp *http.Response, target *url.URL) error {
	location := resp.Header.Get("Location")
	if location == "" {
		return nil
	}
	to, err := resp.Request.URL.Parse(location)
	if err != nil || server(to) != server(target) || !strings.HasPrefix(to.Path, target.Path+"/") || !isPlain(to.Path) {
		if resp.StatusCode/100 != 3 {
			return nil // it names what was made (RFC 9110, section 10.2.2), and nobody goes there
		}
		return fmt.Errorf("it redirects to %s, which is not followed", terminal.Printable(location))
	}
	resp.Header.Set("Location", s.URL+strings.TrimPrefix(to.RequestURI(), target.Path))
	return nil
}

// server returns the one spelling of scheme, host and port.
func server(u *url.URL) string {
	base, _ := keystone.ParseEndpoint(u.Scheme + "://" + u.Host) // or "", which is no target's
	return base
}
