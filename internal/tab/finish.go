package tab

import (
	"net/http"
	"net/url"
)

// serveToken answers Keystone's form post, or anybody's: they can't be told apart yet.
// So nothing is kept and nobody is asked. The page carries the token, sealed.
func (t *Tab) serveToken(w http.ResponseWriter, r *http.Request, form url.Values) {
	if !metadata(r, "", "navigate", "document") {
		http.Error(w, "Not for this.", http.StatusForbidden)
		return
	}
	token := one(form, "token")
	if !t.IsToken(token) {
		t.outcomePage(w, http.StatusBadRequest, Outcome{
			Title: "No token arrived",
			Text:  "This page is for what Keystone sends after a sign-in. Start again from your program.",
		})
		return
	}
	// With "no-referrer" the page's own forms would send "Origin: null".
	w.Header().Set("Referrer-Policy", "same-origin")
	t.page(w, http.StatusOK, "finish", pageData{Sealed: t.sealer.seal(token), Endpoint: t.Endpoint})
}

// serveConfirm accepts the token that comes with the secret: the tab is ours.
func (t *Tab) serveConfirm(w http.ResponseWriter, r *http.Request, form url.Values) {
	if !t.fromOwnScript(r) {
		writeOutcome(w, http.StatusForbidden, notOurs)
		return
	}
	token, ok := t.sealer.open(one(form, "sealed"))
	t.mu.Lock()
	ours := t.secret != "" && equal(one(form, "secret"), t.secret)
	first := ours && ok && !t.over
	if first {
		t.over = true
	}
	t.mu.Unlock()
	switch {
	case !ours || !ok:
		writeOutcome(w, http.StatusForbidden, notOurs)
	case !first:
		writeOutcome(w, http.StatusGone, finished)
	default:
		writeOutcome(w, http.StatusOK, t.bring(token))
		t.sent(w)
	}
}

// sent lets the listener close: the page with the outcome is written.
func (t *Tab) sent(w http.ResponseWriter) {
	_ = http.NewResponseController(w).Flush()
	close(t.shown)
}
