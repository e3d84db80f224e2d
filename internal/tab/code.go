package tab

import (
	"net/http"
	"net/url"
	"strconv"
)

const (
	// maxAsked is how often, in one sign-in, a tab without the secret may have
	// Keystone asked whose token it has.
	maxAsked = 5

	// maxWrongCodes closes that way. 40 bits and five tries leave nothing to guess.
	maxWrongCodes = 5
)

// serveAsk has Keystone asked whose token a tab without the secret brought, and prints
// the answer and a code in the terminal. It takes a click on our own page.
func (t *Tab) serveAsk(w http.ResponseWriter, r *http.Request, form url.Values) {
	sealed := one(form, "sealed")
	token, _, ok := t.sealer.open(sealedToken, sealed)
	if !ok || !t.fromOwnForm(r) {
		t.outcomePage(w, http.StatusForbidden, notOurs)
		return
	}
	t.mu.Lock()
	over, tooMany := t.over, t.asked >= maxAsked || t.wrongCodes >= maxWrongCodes
	if !over && !tooMany {
		t.asked++
	}
	t.mu.Unlock()
	switch {
	case over:
		t.outcomePage(w, http.StatusGone, finished)
		return
	case tooMany:
		t.outcomePage(w, http.StatusTooManyRequests, tooOften)
		return
	}
	// One at a time: Keystone must not be asked faster by whoever can post here.
	select {
	case t.asking <- struct{}{}:
		defer func() { <-t.asking }()
	case <-t.gone:
		t.outcomePage(w, http.StatusOK, timedOut)
		return
	}
	user, refused := t.Whose(token)
	if refused != nil {
		t.outcomePage(w, http.StatusForbidden, *refused)
		return
	}
	t.ShowCode(user, t.sealer.code(sealed))
	t.codePage(w, sealed, "")
}

// serveCode accepts the token whose code the user entered.
func (t *Tab) serveCode(w http.ResponseWriter, r *http.Request, form url.Values) {
	sealed := one(form, "sealed")
	token, _, ok := t.sealer.open(sealedToken, sealed)
	if !ok || !t.fromOwnForm(r) {
		t.outcomePage(w, http.StatusForbidden, notOurs)
		return
	}
	right := t.sealer.isCode(sealed, one(form, "code"))
	t.mu.Lock()
	over, tooMany := t.over, t.wrongCodes >= maxWrongCodes
	switch {
	case over || tooMany:
	case right:
		t.over = true
	default:
		t.wrongCodes++
	}
	left := maxWrongCodes - t.wrongCodes
	t.mu.Unlock()
	switch {
	case over:
		t.outcomePage(w, http.StatusGone, finished)
	case tooMany || left == 0:
		t.outcomePage(w, http.StatusTooManyRequests, tooOften)
	case !right:
		t.codePage(w, sealed, "That is not the code. Tries left: "+strconv.Itoa(left)+".")
	default:
		t.outcomePage(w, http.StatusOK, t.bring(token))
		t.sent(w)
	}
}

func (t *Tab) codePage(w http.ResponseWriter, sealed, problem string) {
	w.Header().Set("Referrer-Policy", "same-origin")
	t.page(w, http.StatusOK, "code", pageData{Sealed: sealed, Problem: problem})
}
