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

	// maxCodes is how many codes may be tried. 40 bits and five tries leave nothing to guess.
	maxCodes = 5
)

// serveAsk has Keystone asked whose token a tab without the secret brought, and prints
// the answer and a code in the terminal. It takes a click on our own page.
func (t *Tab) serveAsk(w http.ResponseWriter, r *http.Request, form url.Values) {
	sealed, token, ok := t.admit(w, r, form, &t.asked, maxAsked)
	if !ok {
		return
	}
	// One at a time: Keystone must not be asked faster by whoever can post here.
	t.asking.Lock()
	defer t.asking.Unlock()
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
	sealed, token, ok := t.admit(w, r, form, &t.codes, maxCodes)
	if !ok {
		return
	}
	if t.sealer.isCode(sealed, one(form, "code")) {
		t.settle(w, token, func(status int, o Outcome) { t.outcomePage(w, status, o) })
		return
	}
	t.mu.Lock()
	left := maxCodes - t.codes
	t.mu.Unlock()
	if left <= 0 {
		t.outcomePage(w, http.StatusTooManyRequests, tooOften)
		return
	}
	t.codePage(w, sealed, "That is not the code. Tries left: "+strconv.Itoa(left)+".")
}

// admit returns the token in a form of our own, and counts the form in n. It answers one
// that comes too late or too often.
func (t *Tab) admit(w http.ResponseWriter, r *http.Request, form url.Values, n *int, limit int) (sealed, token string, ok bool) {
	sealed = one(form, "sealed")
	token, _, ok = t.sealer.open(sealedToken, sealed)
	if !ok || !t.fromOwnForm(r) {
		t.outcomePage(w, http.StatusForbidden, notOurs)
		return "", "", false
	}
	over := t.over.Load()
	t.mu.Lock()
	tooMany := *n >= limit || t.codes >= maxCodes
	*n++
	t.mu.Unlock()
	switch {
	case over:
		t.outcomePage(w, http.StatusGone, t.outcome())
	case tooMany:
		t.outcomePage(w, http.StatusTooManyRequests, tooOften)
	}
	return sealed, token, !over && !tooMany
}

func (t *Tab) codePage(w http.ResponseWriter, sealed, problem string) {
	w.Header().Set("Referrer-Policy", "same-origin")
	t.page(w, http.StatusOK, "code", pageData{Sealed: sealed, Problem: problem})
}
