package webssotest

import (
	"net"
	"net/http"
	"net/url"
)

// What browsers say about where a request comes from: the headers Sec-Fetch-* (Fetch
// Metadata Request Headers, W3C), Origin (Fetch Standard, "append a request Origin
// header") and Referer (Referrer Policy, W3C). The page that they come from is nil
// where it is the person who asks.

func addMetadata(r *http.Request, site, mode, dest string) {
	if !isTrustworthy(r.URL) {
		return
	}
	r.Header.Set("Sec-Fetch-Site", site)
	r.Header.Set("Sec-Fetch-Mode", mode)
	r.Header.Set("Sec-Fetch-Dest", dest)
}

// site compares the page with every URL on the way, and says how far the farthest is.
func (p *loaded) site(chain []*url.URL) string {
	if p == nil {
		return "none"
	}
	site := "same-origin"
	for _, u := range chain {
		switch {
		case sameOrigin(p.url, u):
		case p.url.Scheme == u.Scheme && p.url.Hostname() == u.Hostname():
			// Two hosts of one domain are the same site too; tests have none.
			if site == "same-origin" {
				site = "same-site"
			}
		default:
			site = "cross-site"
		}
	}
	return site
}

// addOrigin is for navigations: only those with a body tell their origin. A redirect
// that leaves another site than it came from hides it, and so do most policies.
func (p *loaded) addOrigin(r *http.Request, crossed bool) {
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

func (p *loaded) addReferer(r *http.Request) {
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

// resolve is where a link on the page leads.
func (p *loaded) resolve(target string) (*url.URL, error) {
	if p == nil {
		return url.Parse(target)
	}
	return p.url.Parse(target)
}

func origin(u *url.URL) string { return u.Scheme + "://" + u.Host }

func sameOrigin(a, b *url.URL) bool { return origin(a) == origin(b) }

// isTrustworthy says whether a URL is one that browsers tell more than others (Secure
// Contexts, W3C): over HTTPS, or on this machine.
func isTrustworthy(u *url.URL) bool {
	return u.Scheme == "https" || u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback()
}
