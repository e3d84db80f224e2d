package tab

import (
	"net/http"
	"net/url"
)

// ServeHTTP checks what holds for every request, and reads the whole of it before
// anything is done.
func (t *Tab) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("Cross-Origin-Opener-Policy", "same-origin")
	w.Header().Set("Cross-Origin-Resource-Policy", "same-origin")
	w.Header().Set("X-Frame-Options", "DENY")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	form, status := readForm(w, r)
	if status == 0 {
		panic(http.ErrAbortHandler) // the rest of the request never came
	}
	t.refuseStranger(r.Context())
	if !t.rightHost(w, r) {
		return
	}
	isStart := t.isStart(r.URL.Path)
	post := map[string]func(http.ResponseWriter, *http.Request, url.Values){
		Path: t.serveToken, Path + "confirm": t.serveConfirm, Path + "ask": t.serveAsk, Path + "code": t.serveCode,
	}[r.URL.Path]
	if isStart {
		post = t.serveRegister
	}
	switch {
	case t.over.Load() && (r.Method == http.MethodGet || r.URL.Path == Path) && metadata(r, "", "", "document"):
		t.outcomePage(w, http.StatusGone, t.outcome()) // after a reload or Back
	case r.Method == http.MethodGet && isStart:
		t.serveStart(w, r)
	case r.Method == http.MethodGet && metadata(r, "", "", "document"):
		t.outcomePage(w, http.StatusNotFound, notHere)
	case r.Method != http.MethodPost || post == nil:
		http.Error(w, "Nothing here.", http.StatusNotFound)
	case status != http.StatusOK:
		http.Error(w, http.StatusText(status), status)
	default:
		post(w, r, form)
	}
}
