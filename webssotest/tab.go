package webssotest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
)

const (
	maxPages     = 40 // that a tab shows before the browser gives up
	maxRedirects = 20 // in a row, as in browsers
	maxPage      = 1 << 20
)

// A tab is one of a Browser's.
type tab struct {
	*Browser
	client  *http.Client
	storage map[string]string // sessionStorage's item of the sign-in, by origin
	silent  net.Conn

	typedWrong, typedRight, typedCode, reloaded, wentBack bool // done once
}

// A loaded is a page that a tab shows.
type loaded struct {
	*document
	url    *url.URL
	status int
	policy string // its Referrer-Policy
}

func (b *Browser) newTab() *tab {
	transport := &http.Transport{DialContext: b.dial, TLSClientConfig: b.TLS.Clone()}
	return &tab{
		Browser: b,
		client: &http.Client{
			Transport: transport,
			Jar:       b.cookies(),
			// A redirect gets headers of its own.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		storage: make(map[string]string),
	}
}

func (t *tab) close() {
	t.client.CloseIdleConnections()
	if t.silent != nil {
		t.silent.Close()
	}
}

// dial knows what localhost is, as browsers do: both loopback addresses, whatever the
// resolver says.
func (b *Browser) dial(ctx context.Context, network, address string) (net.Conn, error) {
	var d net.Dialer
	host, port, err := net.SplitHostPort(address)
	if err != nil || host != "localhost" {
		return d.DialContext(ctx, network, address)
	}
	first, second := "::1", "127.0.0.1"
	if b.IPv4First {
		first, second = second, first
	}
	conn, err := d.DialContext(ctx, network, net.JoinHostPort(first, port))
	if err != nil {
		conn, err = d.DialContext(ctx, network, net.JoinHostPort(second, port))
	}
	return conn, err
}

// run shows one page after the other until there is nothing more to do.
func (t *tab) run(ctx context.Context, start string) (Page, error) {
	u, err := url.Parse(start)
	if err != nil {
		return Page{}, err
	}
	// Browsers open a connection more than they need.
	if t.silent, err = t.dial(ctx, "tcp", hostPort(u)); err != nil {
		return Page{}, err
	}
	if t.Prefetch {
		if err := t.prefetch(ctx, start); err != nil {
			return Page{}, err
		}
	}
	p, err := t.get(ctx, StepStart, start, nil)
	for range maxPages {
		if err != nil {
			return Page{}, err
		}
		if t.Back && !t.wentBack && p.url.String() != start {
			t.wentBack = true
			p, err = t.get(ctx, StepStart, start, nil)
			continue
		}
		next, end, err := t.advance(ctx, p)
		if err != nil {
			return Page{}, err
		}
		if next == nil {
			if end == nil {
				end = &Page{OK: p.body["id"] == "outcome" && p.body["data-ok"] == "true", Title: p.title, Text: p.text}
			}
			end.URL, end.Status = p.url.String(), p.status
			return *end, nil
		}
		p = next
	}
	return Page{}, fmt.Errorf("the browser went through %d pages and saw no end", maxPages)
}

// advance does what there is to do on a page, which leads to the next one. Without a
// next one the tab is at its end: at what the page says, or at end, where a script
// changed what it says.
func (t *tab) advance(ctx context.Context, p *loaded) (next *loaded, end *Page, err error) {
	if f := p.login(); f != nil {
		next, err = t.logIn(ctx, p, f)
		return next, nil, err
	}
	switch {
	case p.body["id"] == "start":
		return t.startPage(ctx, p)
	case p.body["id"] == "finish":
		return t.finishPage(ctx, p)
	case p.form("code") != nil:
		next, err = t.codePage(ctx, p)
	case p.refresh != "":
		next, err = t.get(ctx, StepCloud, p.refresh, p)
	case len(p.forms) > 0 && (p.submits || t.NoJavaScript && p.forms[0].button != nil):
		f := p.forms[0]
		next, err = t.submit(ctx, StepCallback, p, f, !p.submits)
	}
	return next, nil, err
}

// logIn types the user name and the password. Asked again after the right one, it
// stops there.
func (t *tab) logIn(ctx context.Context, p *loaded, f *form) (*loaded, error) {
	password := t.Password
	switch {
	case t.WrongPassword && !t.typedWrong:
		password += "?"
		t.typedWrong = true
	case t.typedRight:
		return nil, nil
	default:
		t.typedRight = true
	}
	f.fill("text", t.User)
	f.fill("password", password)
	return t.submit(ctx, StepLogin, p, f, true)
}

// get follows a link or a script from one page to the next; without a page it is the
// person's own doing.
func (t *tab) get(ctx context.Context, step Step, target string, from *loaded) (*loaded, error) {
	return t.navigate(ctx, step, http.MethodGet, target, nil, from, from == nil)
}

// submit sends a form, by a click on its button or by a script.
func (t *tab) submit(ctx context.Context, step Step, p *loaded, f *form, click bool) (*loaded, error) {
	values := url.Values{}
	for _, in := range f.fields {
		values.Add(in.name, in.value)
	}
	if click && f.button != nil && f.button.name != "" {
		values.Add(f.button.name, f.button.value)
	}
	if f.method == http.MethodPost {
		return t.navigate(ctx, step, http.MethodPost, f.action, values, p, click)
	}
	return t.navigate(ctx, step, http.MethodGet, f.action+"?"+values.Encode(), nil, p, click)
}

// navigate loads a page into the tab.
func (t *tab) navigate(ctx context.Context, step Step, method, target string, form url.Values, from *loaded, click bool) (*loaded, error) {
	if t.DropAt == step {
		return nil, errDropped
	}
	at, err := from.resolve(target)
	if err != nil {
		return nil, err
	}
	for chain := []*url.URL{at}; len(chain) <= maxRedirects; {
		r, err := newRequest(ctx, method, at, form)
		if err != nil {
			return nil, err
		}
		r.Header.Set("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
		r.Header.Set("Upgrade-Insecure-Requests", "1")
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
		location := answer.Header.Get("Location")
		if answer.StatusCode < 300 || answer.StatusCode > 399 || location == "" {
			return t.load(answer, body), nil
		}
		if at, err = at.Parse(location); err != nil {
			return nil, err
		}
		chain = append(chain, at)
		if answer.StatusCode < http.StatusTemporaryRedirect {
			method, form = http.MethodGet, nil
		}
	}
	return nil, fmt.Errorf("more than %d redirects", maxRedirects)
}

var errDropped = errors.New("the tab was closed")

// fetch is what a page's script does with its own site.
func (t *tab) fetch(ctx context.Context, step Step, p *loaded, target string, form url.Values) (int, string, error) {
	if t.DropAt == step {
		return 0, "", errDropped
	}
	at, err := p.resolve(target)
	if err != nil {
		return 0, "", err
	}
	r, err := newRequest(ctx, http.MethodPost, at, form)
	if err != nil {
		return 0, "", err
	}
	r.Header.Set("Accept", "*/*")
	r.Header.Set("Origin", origin(p.url))
	p.addReferer(r)
	addMetadata(r, p.site([]*url.URL{at}), "cors", "empty")
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

func (t *tab) do(step Step, r *http.Request) (*http.Response, string, error) {
	if t.Before != nil {
		if err := t.Before(step, r); err != nil {
			return nil, "", err
		}
	}
	answer, err := t.client.Do(r)
	if err != nil {
		// The URL that it names may hold a code.
		if inner := errors.Unwrap(err); inner != nil {
			err = inner
		}
		return nil, "", fmt.Errorf("%s %s: %w", r.Method, withoutQuery(r.URL.String()), err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxPage))
	return answer, string(body), err
}

// load shows an answer. What is no HTML is text.
func (t *tab) load(answer *http.Response, body string) *loaded {
	p := &loaded{url: answer.Request.URL, status: answer.StatusCode, policy: answer.Header.Get("Referrer-Policy")}
	if kind, _, _ := mime.ParseMediaType(answer.Header.Get("Content-Type")); kind == "text/html" {
		p.document = parseHTML(body, !t.NoJavaScript)
	} else {
		p.document = &document{text: words(body)}
	}
	return p
}

// prefetch is what reaches a page before the person does: an extension that looks at
// every address, and a scanner that is no browser.
func (t *tab) prefetch(ctx context.Context, target string) error {
	for _, extension := range []bool{true, false} {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
		if err != nil {
			return err
		}
		if extension {
			addMetadata(r, "none", "cors", "empty")
		}
		if _, _, err := t.do(StepStart, r); err != nil {
			return err
		}
	}
	return nil
}

// fill types text into the fields of a kind. Without one, "text" is what a form takes
// an input for.
func (f *form) fill(kind, text string) {
	for i := range f.fields {
		if in := &f.fields[i]; in.kind == kind || kind == "text" && in.kind == "" {
			in.value = text
		}
	}
}

func withoutQuery(u string) string {
	u, _, _ = strings.Cut(u, "?")
	return u
}

func hostPort(u *url.URL) string {
	if u.Port() == "" {
		return net.JoinHostPort(u.Hostname(), u.Scheme)
	}
	return u.Host
}
