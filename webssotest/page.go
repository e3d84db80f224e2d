package webssotest

import (
	"mime"
	"net"
	"net/http"
	"net/url"
)

// A page is what a tab shows. A nil page is the address bar: requests that the user
// makes come from no page.
type page struct {
	*document
	url    *url.URL
	status int
	policy string // Referrer-Policy
}

// newPage shows an answer. Anything but HTML is plain text.
func newPage(answer *http.Response, body string, scripts bool) *page {
	p := &page{url: answer.Request.URL, status: answer.StatusCode, policy: answer.Header.Get("Referrer-Policy")}
	if kind, _, _ := mime.ParseMediaType(answer.Header.Get("Content-Type")); kind == "text/html" {
		p.document = parse(body, scripts)
	} else {
		p.document = &document{text: words(body)}
	}
	return p
}

// resolve returns the URL of a link on the page.
func (p *page) resolve(target string) (*url.URL, error) {
	if p == nil {
		return url.Parse(target)
	}
	return p.url.Parse(target)
}

// addMetadata sets the headers of Fetch Metadata Request Headers (W3C).
func addMetadata(r *http.Request, site, mode, dest string) {
	if !isTrustworthy(r.URL) {
		return
	}
	r.Header.Set("Sec-Fetch-Site", site)
	r.Header.Set("Sec-Fetch-Mode", mode)
	r.Header.Set("Sec-Fetch-Dest", dest)
}

// site returns the Sec-Fetch-Site of a request from the page: how far the farthest URL
// of its redirects is from the page.
func (p *page) site(redirects []*url.URL) string {
	if p == nil {
		return "none"
	}
	site := "same-origin"
	for _, u := range redirects {
		switch {
		case sameOrigin(p.url, u):
		case p.url.Scheme == u.Scheme && p.url.Hostname() == u.Hostname():
			// Two hosts of one registrable domain are same-site too, but tests have none.
			if site == "same-origin" {
				site = "same-site"
			}
		default:
			site = "cross-site"
		}
	}
	return site
}

// addOrigin sets the Origin of a navigation, which only a POST has (Fetch Standard,
// "append a request Origin header"). Most policies hide it, and so does a redirect from
// one origin to another (crossed).
func (p *page) addOrigin(r *http.Request, crossed bool) {
	if p == nil || r.Method != http.MethodPost {
		return
	}
	value := origin(p.url)
	switch p.policy {
	case "no-referrer":
		value = "null"
	case "same-origin":
		if !sameOrigin(p.url, r.URL) {
			value = "null"
		}
	default:
		if p.url.Scheme == "https" && r.URL.Scheme != "https" {
			value = "null"
		}
	}
	if crossed {
		value = "null"
	}
	r.Header.Set("Origin", value)
}

// addReferer sets the Referer (Referrer Policy, W3C).
func (p *page) addReferer(r *http.Request) {
	if p == nil || p.policy == "no-referrer" || p.url.Scheme == "https" && r.URL.Scheme != "https" {
		return
	}
	if sameOrigin(p.url, r.URL) {
		full := *p.url
		full.Fragment = ""
		r.Header.Set("Referer", full.String())
	} else if p.policy != "same-origin" {
		r.Header.Set("Referer", origin(p.url)+"/")
	}
}

func origin(u *url.URL) string { return u.Scheme + "://" + u.Host }

func sameOrigin(a, b *url.URL) bool { return origin(a) == origin(b) }

// isTrustworthy reports whether browsers send Fetch Metadata to u (Secure Contexts,
// W3C): it is HTTPS, or on this machine.
func isTrustworthy(u *url.URL) bool {
	return u.Scheme == "https" || u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback()
}
