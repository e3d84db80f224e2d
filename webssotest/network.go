package webssotest

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
)

const (
	maxRedirects = 20 // in a row, as in browsers
	maxBody      = 1 << 20
)

// newTab opens an empty tab of a browser.
func newTab(b *Browser) *tab {
	return &tab{
		browser:   b,
		transport: &http.Transport{DialContext: dial, TLSClientConfig: b.TLS.Clone()},
		storage:   make(map[string]items),
	}
}

// dial resolves localhost as browsers do: to both loopback addresses, without asking
// a resolver.
func dial(ctx context.Context, network, address string) (net.Conn, error) {
	var d net.Dialer
	host, port, err := net.SplitHostPort(address)
	if err != nil || host != "localhost" {
		return d.DialContext(ctx, network, address)
	}
	conn, err := d.DialContext(ctx, network, net.JoinHostPort("::1", port))
	if err != nil {
		conn, err = d.DialContext(ctx, network, net.JoinHostPort("127.0.0.1", port))
	}
	return conn, err
}

// preconnect opens a connection that stays silent, as browsers do.
func preconnect(ctx context.Context, u *url.URL) (net.Conn, error) {
	address := u.Host
	if u.Port() == "" {
		address = net.JoinHostPort(u.Hostname(), u.Scheme)
	}
	return dial(ctx, "tcp", address)
}

// get loads target, which a link or a script of a page leads to. If from is nil, the
// user opened it.
func (t *tab) get(ctx context.Context, step Step, target string, from *page) (*page, error) {
	return t.navigate(ctx, step, http.MethodGet, target, nil, from, from == nil)
}

// submit sends a form: the user clicks on its button, or a script submits it.
func (t *tab) submit(ctx context.Context, step Step, from *page, f *form, click bool) (*page, error) {
	values := f.values(click)
	if f.method == http.MethodPost {
		return t.navigate(ctx, step, http.MethodPost, f.action, values, from, click)
	}
	return t.navigate(ctx, step, http.MethodGet, f.action+"?"+values.Encode(), nil, from, click)
}

// navigate loads a page into the tab.
func (t *tab) navigate(ctx context.Context, step Step, method, target string, form url.Values, from *page, click bool) (*page, error) {
	at, err := from.resolve(target)
	if err != nil {
		return nil, err
	}
	ticket := "" // for the server that asked for one
	for chain := []*url.URL{at}; len(chain) <= maxRedirects; {
		r, err := newRequest(ctx, method, at, form)
		if err != nil {
			return nil, err
		}
		r.Header.Set("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
		r.Header.Set("Upgrade-Insecure-Requests", "1")
		if ticket != "" {
			r.Header.Set("Authorization", "Negotiate "+ticket)
		}
		from.addOrigin(r, len(chain) > 1 && !sameOrigin(at, chain[len(chain)-2]))
		from.addReferer(r)
		addMetadata(r, from.site(chain), "navigate", "document")
		if click && isTrustworthy(at) {
			r.Header.Set("Sec-Fetch-User", "?1")
		}
		answer, body, err := t.do(step, r)
		if err != nil {
			return nil, err
		}
		if answer.StatusCode == http.StatusUnauthorized && answer.Header.Get("WWW-Authenticate") == "Negotiate" && ticket == "" {
			ticket = base64.StdEncoding.EncodeToString([]byte(t.browser.User + ":" + t.browser.Password))
			continue
		}
		location := answer.Header.Get("Location")
		if answer.StatusCode < 300 || answer.StatusCode > 399 || location == "" {
			return newPage(answer, body, !t.browser.NoJavaScript), nil
		}
		if at, err = at.Parse(location); err != nil {
			return nil, err
		}
		chain = append(chain, at)
		ticket = ""
		if answer.StatusCode < http.StatusTemporaryRedirect {
			method, form = http.MethodGet, nil
		}
	}
	return nil, fmt.Errorf("more than %d redirects", maxRedirects)
}

// fetch is a POST by a page's script to its own origin.
func (t *tab) fetch(ctx context.Context, step Step, from *page, target string, form url.Values) (status int, body string, err error) {
	at, err := from.resolve(target)
	if err != nil {
		return 0, "", err
	}
	r, err := newRequest(ctx, http.MethodPost, at, form)
	if err != nil {
		return 0, "", err
	}
	r.Header.Set("Accept", "*/*")
	r.Header.Set("Origin", origin(from.url))
	from.addReferer(r)
	addMetadata(r, from.site([]*url.URL{at}), "cors", "empty")
	answer, body, err := t.do(step, r)
	if err != nil {
		return 0, "", err
	}
	return answer.StatusCode, body, nil
}

func newRequest(ctx context.Context, method string, at *url.URL, form url.Values) (*http.Request, error) {
	var body io.Reader
	if method == http.MethodPost {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(ctx, method, at.String(), body)
	if err != nil {
		return nil, err
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("User-Agent", "Mozilla/5.0 (webssotest)")
	r.Header.Set("Accept-Language", "en")
	return r, nil
}

// do sends one request, with the browser's cookies, and returns the answer with its body.
func (t *tab) do(step Step, r *http.Request) (*http.Response, string, error) {
	for _, c := range t.browser.jar.Cookies(r.URL) {
		r.AddCookie(c)
	}
	if t.browser.Before != nil {
		if err := t.browser.Before(step, r); err != nil {
			return nil, "", err
		}
	}
	answer, err := t.transport.RoundTrip(r)
	if err != nil {
		return nil, "", fmt.Errorf("%s %s: %w", r.Method, r.URL.Host+r.URL.Path, err)
	}
	defer answer.Body.Close()
	t.browser.jar.SetCookies(r.URL, answer.Cookies())
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxBody))
	return answer, string(body), err
}
