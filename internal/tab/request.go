package tab

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
)

// maxForm is the largest form read. Keystone's has a few hundred bytes.
const maxForm = 64 << 10

// readForm reads a request's form, if it has one. The status says what is wrong with
// it, and is 0 if it did not arrive whole.
func readForm(w http.ResponseWriter, r *http.Request) (url.Values, int) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxForm))
	if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
		return nil, http.StatusRequestEntityTooLarge
	} else if err != nil {
		return nil, 0
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return nil, http.StatusUnsupportedMediaType
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, http.StatusBadRequest
	}
	return form, http.StatusOK
}

// one returns a form's only value of that name. A form with several was made neither
// here nor by Keystone.
func one(form url.Values, name string) string {
	if values := form[name]; len(values) == 1 {
		return values[0]
	}
	return ""
}

// metadata reports whether the Fetch metadata of a request, if it has any, is what is
// wanted. Safari before 16.4 sends none (W3C, Fetch Metadata Request Headers).
func metadata(r *http.Request, site, mode, dest string) bool {
	for name, want := range map[string]string{"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest} {
		if got := r.Header.Get(name); want != "" && got != "" && got != want {
			return false
		}
	}
	return true
}

// fromOwnScript reports whether a request can be a fetch by one of our pages.
func (t *Tab) fromOwnScript(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	return (origin == "" || t.isOwnOrigin(origin)) && metadata(r, "same-origin", "", "empty")
}

// fromOwnForm reports whether a request is the form post of one of our pages. Browsers
// send the Origin of a form post (Fetch, "append a request Origin header").
func (t *Tab) fromOwnForm(r *http.Request) bool {
	return t.isOwnOrigin(r.Header.Get("Origin")) && metadata(r, "same-origin", "navigate", "document")
}

// isOwnOrigin compares an Origin header, which leaves out port 80 (RFC 6454, section 6.2).
func (t *Tab) isOwnOrigin(origin string) bool {
	return origin == t.origin() || origin+":80" == t.origin()
}
