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

// What the pages of a sign-in's own listener do, by script or without.

// storageBlocked says that pages which look for sessionStorage find an error.
func (t *tab) storageBlocked() bool { return t.NoSessionStorage || t.NoCookies }

// startPage makes a secret that only this tab has, and goes on to Keystone.
func (t *tab) startPage(ctx context.Context, p *loaded) (*loaded, *Page, error) {
	if t.NoJavaScript {
		target := p.refresh
		if target == "" && len(p.links) > 0 {
			target = p.links[0]
		}
		if target == "" {
			return nil, nil, errors.New("the first page has no way on without JavaScript")
		}
		next, err := t.get(ctx, StepCloud, target, p)
		return next, nil, err
	}
	if !t.storageBlocked() {
		key := path.Base(p.url.Path) + "."
		secret := t.storage[origin(p.url)]
		if !strings.HasPrefix(secret, key) {
			secret = key + rand.Text()
			t.storage[origin(p.url)] = secret
		}
		status, _, err := t.fetch(ctx, StepRegister, p, p.url.Path, url.Values{"secret": {secret}})
		switch {
		case err != nil:
			return nil, nil, err
		case status == http.StatusConflict:
			return nil, &Page{Title: "This address was used before", Text: "Another tab began this sign-in."}, nil
		case status != http.StatusNoContent:
			return nil, &Page{Title: "Nobody is waiting any more", Text: fmt.Sprintf("The first page was answered with status %d.", status)}, nil
		}
	}
	if t.Reload && !t.reloaded {
		t.reloaded = true
		next, err := t.get(ctx, StepStart, p.url.String(), nil)
		return next, nil, err
	}
	if t.OtherTab {
		clear(t.storage)
	}
	next, err := t.get(ctx, StepCloud, p.body["data-next"], p)
	return next, nil, err
}

// finishPage has a token, and shows that it is in the tab where the sign-in began.
func (t *tab) finishPage(ctx context.Context, p *loaded) (*loaded, *Page, error) {
	secret := t.storage[origin(p.url)]
	if t.NoJavaScript || secret == "" {
		return t.ask(ctx, p)
	}
	status, body, err := t.fetch(ctx, StepConfirm, p, "/auth/websso/confirm",
		url.Values{"secret": {secret}, "sealed": {p.body["data-sealed"]}})
	if err != nil {
		return nil, nil, err
	}
	if status == http.StatusForbidden {
		return t.ask(ctx, p)
	}
	delete(t.storage, origin(p.url))
	var said struct {
		OK          bool
		Title, Text string
	}
	if err := json.Unmarshal([]byte(body), &said); err != nil {
		return nil, nil, fmt.Errorf("the last page's script got an answer of status %d that is no JSON: %w", status, err)
	}
	return nil, &Page{OK: said.OK, Title: said.Title, Text: said.Text}, nil
}

// ask wants the code that shows instead of a secret that the person is the right one.
func (t *tab) ask(ctx context.Context, p *loaded) (*loaded, *Page, error) {
	f := p.form("ask")
	if f == nil || t.Code == nil {
		return nil, nil, nil
	}
	next, err := t.submit(ctx, StepAsk, p, f, true)
	return next, nil, err
}

// codePage types the code, once.
func (t *tab) codePage(ctx context.Context, p *loaded) (*loaded, error) {
	if t.typedCode || t.Code == nil {
		return nil, nil
	}
	t.typedCode = true
	f := p.form("code")
	f.fill("text", t.Code(ctx))
	return t.submit(ctx, StepCode, p, f, true)
}
