package tab

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
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
		t.outcomePage(w, http.StatusBadRequest, noToken)
		return
	}
	// With "no-referrer" the page's own forms would send "Origin: null".
	w.Header().Set("Referrer-Policy", "same-origin")
	t.page(w, http.StatusOK, "finish", pageData{Sealed: t.sealer.seal(sealedToken, token), Next: t.Next, Outcome: unproven})
}

// serveConfirm accepts the token that the tab with the secret brings from its second
// trip to Keystone.
//
// The first token proves too little: any page that the tab showed on its way could have
// posted it, such as one behind a link on the identity provider's. So the page gets a
// ticket and goes to Keystone once more, by itself. Nothing can come in between: its
// Cross-Origin-Opener-Policy takes the tab out of the hands of every other page, and
// Keystone's web server answers at once, for the user that it has just signed in. Only
// a quick answer counts, because a slow one may have led through other pages again.
func (t *Tab) serveConfirm(w http.ResponseWriter, r *http.Request, form url.Values) {
	token, arrived, ok := t.sealer.open(sealedToken, one(form, "sealed"))
	limit, left, wasAway := t.openTicket(one(form, "ticket"))
	inTime := wasAway && arrived > left && arrived-left <= limit
	t.mu.Lock()
	ours := ok && t.fromOwnScript(r) && t.secret != "" && equal(one(form, "secret"), t.secret)
	t.mu.Unlock()
	switch {
	case !ours:
		writeJSON(w, http.StatusForbidden, unproven)
	case inTime || t.over.Load():
		t.settle(w, token, func(status int, o Outcome) { writeJSON(w, status, o) })
	case wasAway:
		writeJSON(w, http.StatusForbidden, slow)
	default:
		t.spend(token)
		if one(form, "keep") == "" {
			if c, ok := t.choose(token); ok {
				writeJSON(w, http.StatusAccepted, c)
				return
			}
		}
		writeJSON(w, http.StatusAccepted, t.ticket(t.sealer.now()-arrived))
	}
}

// ticket returns the answer that sends the tab to Keystone once more. A busy computer, whose
// browser took long to answer the page with the token, gets more time for the trip. What the
// start page took bounds that, which no other page can slow down from this tab.
func (t *Tab) ticket(took time.Duration) map[string]string {
	t.mu.Lock()
	limit := t.TripLimit + 2*min(took, t.pace)
	t.mu.Unlock()
	return map[string]string{"ticket": t.sealer.seal(sealedTicket, strconv.FormatInt(int64(limit), 10))}
}

// openTicket returns how long the trip may take, and when it began.
func (t *Tab) openTicket(ticket string) (limit, began time.Duration, ok bool) {
	text, began, ok := t.sealer.open(sealedTicket, ticket)
	nanoseconds, err := strconv.ParseInt(text, 10, 64)
	return time.Duration(nanoseconds), began, ok && err == nil
}

// maxChoices bounds how often Keystone is asked for a choice.
const maxChoices = 20

// choose returns the answer that has the user choose who signs in, if there is a choice for a
// tab whose first trip came back with token. The address is for a private window.
func (t *Tab) choose(token string) (choice map[string]string, ok bool) {
	if t.Switch == nil || t.choices.Add(1) > maxChoices {
		return nil, false
	}
	user, another := t.Switch.Another(token)
	return map[string]string{"user": user, "signOut": t.Switch.SignOut, "again": t.Switch.Next, "address": t.StartURL()}, !another
}

// maxSpent bounds the tokens of first trips that are remembered. A sign-in has one, and
// one more for each page that got hold of the secret.
const maxSpent = 8

// spend remembers a token that is not going to be accepted.
func (t *Tab) spend(token string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.spent) < maxSpent && !slices.Contains(t.spent, token) {
		t.spent = append(t.spent, token)
	}
}

// TripLimit returns how long the second trip may take if the program's own request for
// the same address took that long.
func TripLimit(look time.Duration) time.Duration {
	return min(max(3*look, time.Second), 10*time.Second)
}
