package browser

import (
	"context"
	"encoding/base64"
	"errors"
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

// network sends the requests of one tab, with the headers that browsers send.
type network struct {
	*Settings
	client *http.Client
}

func newNetwork(settings *Settings, jar http.CookieJar) *network {
	n := &network{Settings: settings}
	n.client = &http.Client{
		Transport: &http.Transport{DialContext: n.dial, TLSClientConfig: settings.TLS.Clone()},
		Jar:       jar,
		// navigate follows redirects itself: each has headers of its own.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return n
}

// dial resolves localhost as browsers do: to both loopback addresses, without asking
// a resolver.
func (n *network) dial(ctx context.Context, network, address string) (net.Conn, error) {
	var d net.Dialer
	host, port, err := net.SplitHostPort(address)
	if err != nil || host != "localhost" {
		return d.DialContext(ctx, network, address)
	}
	first, second := "::1", "127.0.0.1"
	if n.IPv4First {
		first, second = second, first
	}
	conn, err := d.DialContext(ctx, network, net.JoinHostPort(first, port))
	if err != nil {
		conn, err = d.DialContext(ctx, network, net.JoinHostPort(second, port))
	}
	return conn, err
}

// preconnect opens a connection that stays silent, as browsers do.
func (n *network) preconnect(ctx context.Context, u *url.URL) (net.Conn, error) {
	address := u.Host
	if u.Port() == "" {
		address = net.JoinHostPort(u.Hostname(), u.Scheme)
	}
	return n.dial(ctx, "tcp", address)
}

// get loads target, which a link or a script of a page leads to. If from is nil, the
// user opened it.
func (n *network) get(ctx context.Context, step, target string, from *page) (*page, error) {
	return n.navigate(ctx, step, http.MethodGet, target, nil, from, from == nil)
}

// submit sends a form: the user clicks on its button, or a script submits it.
func (n *network) submit(ctx context.Context, step string, from *page, f *form, click bool) (*page, error) {
	values := f.values(click)
	if f.method == http.MethodPost {
		return n.navigate(ctx, step, http.MethodPost, f.action, values, from, click)
	}
	return n.navigate(ctx, step, http.MethodGet, f.action+"?"+values.Encode(), nil, from, click)
}

// navigate loads a page into the tab.
func (n *network) navigate(ctx context.Context, step, method, target string, form url.Values, from *page, click bool) (*page, error) {
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
		answer, body, err := n.do(step, r)
		if err != nil {
			return nil, err
		}
		if answer.StatusCode == http.StatusUnauthorized && answer.Header.Get("WWW-Authenticate") == "Negotiate" && ticket == "" {
			ticket = base64.StdEncoding.EncodeToString([]byte(n.User + ":" + n.Password))
			continue
		}
		location := answer.Header.Get("Location")
		if answer.StatusCode < 300 || answer.StatusCode > 399 || location == "" {
			return newPage(answer, body, !n.NoJavaScript), nil
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
func (n *network) fetch(ctx context.Context, step string, from *page, target string, form url.Values) (status int, body string, err error) {
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
	answer, body, err := n.do(step, r)
	if err != nil {
		return 0, "", err
	}
	return answer.StatusCode, body, nil
}

// prefetch is what reaches a page before the user does: an extension that looks at
// every address, and a scanner that is no browser.
func (n *network) prefetch(ctx context.Context, target string) error {
	for _, extension := range []bool{true, false} {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
		if err != nil {
			return err
		}
		if extension {
			addMetadata(r, "none", "cors", "empty")
		}
		if _, _, err := n.do(StepStart, r); err != nil {
			return err
		}
	}
	return nil
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

func (n *network) do(step string, r *http.Request) (*http.Response, string, error) {
	if n.Before != nil {
		if err := n.Before(step, r); err != nil {
			return nil, "", err
		}
	}
	answer, err := n.client.Do(r)
	if err != nil {
		// A *url.Error names the whole URL, whose query may hold a code.
		if inner := errors.Unwrap(err); inner != nil {
			err = inner
		}
		return nil, "", fmt.Errorf("%s %s: %w", r.Method, r.URL.Host+r.URL.Path, err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxBody))
	return answer, string(body), err
}
