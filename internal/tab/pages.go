package tab

import (
	"bytes"
	"crypto/rand"
	"embed"
	"encoding/json"
	"html/template"
	"net/http"
	"strconv"
)

//go:embed pages
var pageFiles embed.FS

var pageTemplates = template.Must(template.ParseFS(pageFiles, "pages/*"))

// pageData is what the templates show. Text from the network gets into a page only
// through it, and html/template escapes it.
type pageData struct {
	Cloud   string  // what the page calls the cloud
	Facts   []Fact  // start: what the sign-in is for
	Next    string  // start, finish: where Keystone begins the sign-in
	SignOut string  // start: where to sign out first
	Sealed  string  // finish, code: the token
	Problem string  // code: what was wrong with the last try
	Outcome Outcome // outcome
	Nonce   string
}

func (t *Tab) outcomePage(w http.ResponseWriter, status int, o Outcome) {
	t.page(w, status, "outcome", pageData{Outcome: o})
}

func (t *Tab) page(w http.ResponseWriter, status int, name string, data pageData) {
	data.Cloud, data.Nonce = t.Cloud, rand.Text()
	var b bytes.Buffer
	if err := pageTemplates.ExecuteTemplate(&b, name+".html", data); err != nil {
		http.Error(w, "The page could not be made.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'nonce-"+data.Nonce+"'; style-src 'nonce-"+data.Nonce+
		"'; img-src data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	send(w, status, "text/html; charset=utf-8", b.Bytes())
}

// writeJSON answers the script of a page.
func writeJSON(w http.ResponseWriter, status int, answer any) {
	body, _ := json.Marshal(answer) // of strings, which never fails
	send(w, status, "application/json", body)
}

// send writes an answer of known length, so that all of it is out once it is flushed.
// Without a length, the last chunk would be lost when the listener closes.
func send(w http.ResponseWriter, status int, kind string, body []byte) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
