package tab

import (
	"net/http"
	"net/url"
	"strings"
)

func (t *Tab) isStart(path string) bool {
	key, ok := strings.CutPrefix(path, Path)
	return ok && equal(key, t.key)
}

// serveStart answers with the start page. A scanner or an extension that merely
// fetches it uses nothing up: only its script does.
func (t *Tab) serveStart(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Header.Get("Service-Worker") == "script":
		t.tellOnce("another program left a service worker on " + t.origin() + " in your browser; if the sign-in does not work, clear that site's data in the browser and try again")
		fallthrough
	case !metadata(r, "", "", "document"), r.Header.Get("Sec-Purpose") != "":
		http.Error(w, "Not for this.", http.StatusForbidden)
		return
	}
	t.mu.Lock()
	registered := t.secret != ""
	t.started = t.sealer.now()
	t.mu.Unlock()
	t.appeared()
	// A service worker that another program left on this port would see the token. The tab that
	// asks keeps its sessionStorage through this, but a registered one would lose its secret.
	if !registered {
		w.Header().Set("Clear-Site-Data", `"storage"`)
	}
	data := pageData{Next: t.Next, Facts: t.Facts}
	if t.Switch != nil {
		data.Next, data.SignOut = t.Switch.Next, t.Switch.SignOut
	}
	t.page(w, http.StatusOK, "start", data)
}

// serveRegister takes the secret that the start page made. The first one counts. The
// same one again is a reload, another one is a second tab.
func (t *Tab) serveRegister(w http.ResponseWriter, r *http.Request, form url.Values) {
	secret := one(form, "secret")
	made, ok := strings.CutPrefix(secret, t.key+".")
	if !t.fromOwnScript(r) || !ok || len(made) < 22 || len(made) > 128 {
		http.Error(w, "Not for this.", http.StatusForbidden)
		return
	}
	t.mu.Lock()
	if t.secret == "" {
		t.secret, t.pace = secret, t.sealer.now()-t.started
	}
	first := equal(secret, t.secret)
	t.mu.Unlock()
	if !first {
		t.tellOnce("the address above was opened again. Finish in the first tab or, if you closed it, in the new one, with a code that is shown here. If that was not you, stop this program")
		http.Error(w, "This address was already used.", http.StatusConflict)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
