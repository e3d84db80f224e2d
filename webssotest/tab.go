package webssotest

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strings"
)

// maxPages is the number of pages that a tab shows before it gives up.
const maxPages = 40

// A tab shows one page after the other.
type tab struct {
	browser   *Browser
	transport *http.Transport
	storage   map[string]items // by origin: sessionStorage

	typedPassword, typedCode bool
}

// items are what the pages of a sign-in keep in sessionStorage.
type items struct{ secret, ticket string }

// run shows pages until there is nothing more to do.
func (t *tab) run(ctx context.Context, start string) (Page, error) {
	u, err := url.Parse(start)
	if err != nil {
		return Page{}, err
	}
	silent, err := preconnect(ctx, u)
	if err != nil {
		return Page{}, err
	}
	defer silent.Close()
	p, err := t.get(ctx, StepStart, start, nil)
	for range maxPages {
		if err != nil {
			return Page{}, err
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
	return Page{}, fmt.Errorf("the browser gave up after %d pages", maxPages)
}

// advance does what there is to do on a page and returns the next one. If there is no
// next one, the tab ends here; end is then what the page shows, if a script changed it.
func (t *tab) advance(ctx context.Context, p *page) (next *page, end *Page, err error) {
	if f := p.login(); f != nil {
		next, err = t.logIn(ctx, p, f)
		return next, nil, err
	}
	switch {
	case p.body["id"] == "start":
		return t.runStartPage(ctx, p)
	case p.body["id"] == "finish":
		return t.runFinishPage(ctx, p)
	case p.form("code") != nil:
		next, err = t.typeCode(ctx, p)
	case p.refresh != "":
		next, err = t.get(ctx, StepCloud, p.refresh, p)
	case len(p.forms) > 0 && (p.submits || t.browser.NoJavaScript && p.forms[0].button != nil):
		f := p.forms[0]
		next, err = t.submit(ctx, StepCallback, p, f, !p.submits)
	}
	return next, nil, err
}

// logIn types the user name and the password, once: if the page asks again, the tab ends
// there.
func (t *tab) logIn(ctx context.Context, p *page, f *form) (*page, error) {
	if t.typedPassword {
		return nil, nil
	}
	t.typedPassword = true
	f.fill("text", t.browser.User)
	f.fill("password", t.browser.Password)
	return t.submit(ctx, StepLogin, p, f, true)
}

// runStartPage does what the script of a sign-in's first page does: it registers a
// secret that only this tab has, then goes on to Keystone.
func (t *tab) runStartPage(ctx context.Context, p *page) (*page, *Page, error) {
	if t.browser.NoJavaScript {
		target := p.refresh
		if target == "" && len(p.links) > 0 {
			target = p.links[0]
		}
		if target == "" {
			return nil, nil, errors.New("the first page leads nowhere without JavaScript")
		}
		next, err := t.get(ctx, StepCloud, target, p)
		return next, nil, err
	}
	key := path.Base(p.url.Path) + "."
	secret := t.storage[origin(p.url)].secret
	if !strings.HasPrefix(secret, key) {
		secret = key + rand.Text()
	}
	t.storage[origin(p.url)] = items{secret: secret}
	status, _, err := t.fetch(ctx, StepRegister, p, p.url.Path, url.Values{"secret": {secret}})
	switch {
	case err != nil:
		return nil, nil, err
	case status == http.StatusConflict:
		delete(t.storage, origin(p.url))
		if t.browser.Code == nil {
			return nil, &Page{Title: "Another tab began this sign-in", Text: "Finish it there."}, nil
		}
		// The user closed the first tab.
	case status != http.StatusNoContent:
		return nil, &Page{Title: "The program is no longer waiting", Text: fmt.Sprintf("The first page was answered with status %d.", status)}, nil
	}
	next, err := t.get(ctx, StepCloud, p.body["data-next"], p)
	return next, nil, err
}

// runFinishPage does what the script of the page that has the token does: it proves
// that the sign-in began in this tab, and goes to Keystone once more to show who is
// signed in there.
func (t *tab) runFinishPage(ctx context.Context, p *page) (*page, *Page, error) {
	stored := t.storage[origin(p.url)]
	if t.browser.NoJavaScript || stored.secret == "" {
		return t.askForCode(ctx, p)
	}
	form := url.Values{"secret": {stored.secret}, "ticket": {stored.ticket}, "sealed": {p.body["data-sealed"]}}
	status, outcome, err := t.confirm(ctx, p, form)
	if err != nil {
		return nil, nil, err
	}
	if status == http.StatusForbidden {
		return t.askForCode(ctx, p)
	}
	switch {
	case outcome.User == "":
	case t.browser.User == outcome.User:
		form.Set("keep", "1")
		if status, outcome, err = t.confirm(ctx, p, form); err != nil {
			return nil, nil, err
		}
	case outcome.SignOut == "":
		return nil, &Page{Title: "This browser is signed in as " + outcome.User, Text: "This cloud doesn’t say how to sign out."}, nil
	default: // in a tab of its own
		if _, err := t.get(ctx, StepSignOut, outcome.SignOut, nil); err != nil {
			return nil, nil, err
		}
		next, err := t.get(ctx, StepCloud, p.body["data-next"], p)
		return next, nil, err
	}
	if status == http.StatusAccepted { // once more to Keystone
		t.storage[origin(p.url)] = items{stored.secret, outcome.Ticket}
		next, err := t.get(ctx, StepCloud, p.body["data-next"], p)
		return next, nil, err
	}
	var text strings.Builder
	for _, fact := range outcome.Facts {
		text.WriteString(fact.Name + " " + fact.Value + " ")
	}
	return nil, &Page{OK: outcome.OK, Title: outcome.Title, Text: text.String() + outcome.Text}, nil
}

// An outcome is what the program answers to the script of the last page.
type outcome struct {
	User        string // who is signed in, if there is a choice
	SignOut     string
	Ticket      string
	OK          bool
	Title, Text string
	Facts       []struct{ Name, Value string }
}

// confirm sends the secret. An answer with status 403 has no outcome.
func (t *tab) confirm(ctx context.Context, p *page, form url.Values) (status int, o outcome, err error) {
	status, body, err := t.fetch(ctx, StepConfirm, p, "/auth/websso/confirm", form)
	if err != nil || status == http.StatusForbidden {
		return status, o, err
	}
	if err := json.Unmarshal([]byte(body), &o); err != nil {
		return 0, o, fmt.Errorf("the last page's script got status %d and no JSON: %w", status, err)
	}
	return status, o, nil
}

// askForCode clicks on the button that makes the program print a code.
func (t *tab) askForCode(ctx context.Context, p *page) (*page, *Page, error) {
	f := p.form("ask")
	if f == nil || t.browser.Code == nil {
		return nil, nil, nil
	}
	next, err := t.submit(ctx, StepAsk, p, f, true)
	return next, nil, err
}

// typeCode types the code, once.
func (t *tab) typeCode(ctx context.Context, p *page) (*page, error) {
	if t.typedCode || t.browser.Code == nil {
		return nil, nil
	}
	t.typedCode = true
	f := p.form("code")
	f.fill("text", t.browser.Code(ctx))
	return t.submit(ctx, StepCode, p, f, true)
}
