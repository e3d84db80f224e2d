package tab

import (
	"net/http"
	"net/url"
	"strconv"
)

const (
	maxAsked = 5 // times in a sign-in that a tab without the secret may have Keystone asked
	maxCodes = 5 // codes that may be tried: too few to guess 40 bits
)

// serveAsk has Keystone asked whose token a tab without the secret brought, and prints
// the answer and a code in the terminal. It takes a click on our own page.
func (t *Tab) serveAsk(w http.ResponseWriter, r *http.Request, form url.Values) {
	sealed, token, left := t.admit(w, r, form, &t.asked, maxAsked)
	if left < 0 {
		return
	}
	// One at a time: Keystone must not be asked faster by whoever can post here.
	t.asking.Lock()
	defer t.asking.Unlock()
	user, refused := t.UserOf(token)
	if refused != nil {
		t.outcomePage(w, http.StatusForbidden, *refused)
		return
	}
	t.ShowCode(user, t.sealer.code(sealed))
	t.codePage(w, sealed, "")
}

// serveCode accepts the token whose code the user entered.
func (t *Tab) serveCode(w http.ResponseWriter, r *http.Request, form url.Values) {
	sealed, token, left := t.admit(w, r, form, &t.codes, maxCodes)
	switch {
	case left < 0:
	case t.sealer.isCode(sealed, one(form, "code")):
		t.settle(w, token, func(status int, o Outcome) { t.outcomePage(w, status, o) })
	case left == 0:
		t.outcomePage(w, http.StatusTooManyRequests, tooOften)
	default:
		t.codePage(w, sealed, "That is not the code. Tries left: "+strconv.Itoa(left)+".")
	}
}

// admit returns the token in a form of our own, counts the form in n, and returns how many
// more there may be. It answers one that comes too late or too often; left is -1 then.
func (t *Tab) admit(w http.ResponseWriter, r *http.Request, form url.Values, n *int, limit int) (sealed, token string, left int) {
	sealed = one(form, "sealed")
	token, _, ok := t.sealer.open(sealedToken, sealed)
	t.mu.Lock()
	tooMany := *n >= limit || t.codes >= maxCodes
	if ok && !tooMany && t.fromOwnForm(r) {
		*n++
	}
	left = limit - *n
	t.mu.Unlock()
	switch {
	case !ok, !t.fromOwnForm(r):
		t.outcomePage(w, http.StatusForbidden, notOurs)
	case t.over.Load():
		t.outcomePage(w, http.StatusGone, t.outcome())
	case tooMany:
		t.outcomePage(w, http.StatusTooManyRequests, tooOften)
	default:
		return sealed, token, left
	}
	return "", "", -1
}

func (t *Tab) codePage(w http.ResponseWriter, sealed, problem string) {
	w.Header().Set("Referrer-Policy", "same-origin")
	t.page(w, http.StatusOK, "code", pageData{Sealed: sealed, Problem: problem})
}
