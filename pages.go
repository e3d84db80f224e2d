package websso

import (
	"bytes"
	"crypto/rand"
	"embed"
	"html/template"
	"net/http"
	"net/url"
)

//go:embed pages
var pageFiles embed.FS

var (
	pageTemplates = template.Must(template.ParseFS(pageFiles, "pages/*.html"))
	pageStyle     = template.CSS(mustRead("pages/style.css"))
	pageScripts   = map[string]template.JS{
		"start":  template.JS(mustRead("pages/start.js")),
		"finish": template.JS(mustRead("pages/finish.js")),
	}
)

func mustRead(name string) string {
	content, err := pageFiles.ReadFile(name)
	if err != nil {
		panic(err) // not embedded: the build is wrong
	}
	return string(content)
}

// pageData is what the templates show. Text from the network gets into a page here
// and in no other way; html/template escapes it.
type pageData struct {
	Name     string
	Endpoint string  // Keystone's
	Next     string  // start: where to go
	Sealed   string  // finish, code: the token
	Problem  string  // code: what was wrong with the last try
	Outcome  outcome // outcome

	Nonce  string
	Style  template.CSS
	Script template.JS
}

// Host is the part of Keystone's address that a person knows it by.
func (d pageData) Host() string {
	if u, err := url.Parse(d.Endpoint); err == nil {
		return u.Host
	}
	return d.Endpoint
}

func (cb *callback) outcomePage(w http.ResponseWriter, status int, o outcome) {
	cb.page(w, status, "outcome", pageData{Outcome: o})
}

func (cb *callback) page(w http.ResponseWriter, status int, name string, data pageData) {
	data.Name, data.Style, data.Script = name, pageStyle, pageScripts[name]
	data.Nonce = rand.Text()
	var b bytes.Buffer
	if err := pageTemplates.ExecuteTemplate(&b, name+".html", data); err != nil {
		http.Error(w, "The page could not be made.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'nonce-"+data.Nonce+"'; style-src 'nonce-"+data.Nonce+
		"'; img-src data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	send(w, status, "text/html; charset=utf-8", b.Bytes())
}
