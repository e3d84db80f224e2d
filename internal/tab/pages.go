package tab

import (
	"bytes"
	"crypto/rand"
	"embed"
	"encoding/json"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
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

// pageData is what the templates show. Text from the network gets into a page only
// through it, and html/template escapes it.
type pageData struct {
	Name     string
	Program  string  // what the page calls the program
	Endpoint string  // Keystone's address
	Next     string  // start: where to go
	Sealed   string  // finish, code: the token
	Problem  string  // code: what was wrong with the last try
	Outcome  Outcome // outcome

	Nonce  string
	Style  template.CSS
	Script template.JS
}

// Host returns the part of Keystone's address by which a user knows the cloud.
func (d pageData) Host() string {
	if u, err := url.Parse(d.Endpoint); err == nil {
		return u.Host
	}
	return d.Endpoint
}

func (t *Tab) outcomePage(w http.ResponseWriter, status int, o Outcome) {
	t.page(w, status, "outcome", pageData{Outcome: o})
}

func (t *Tab) page(w http.ResponseWriter, status int, name string, data pageData) {
	data.Name, data.Style, data.Script = name, pageStyle, pageScripts[name]
	data.Program = t.Program
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

// Outcome is what the page says in the end.
type Outcome struct {
	OK    bool   `json:"ok"`
	Title string `json:"title"`
	Facts []Fact `json:"facts,omitempty"`
	Text  string `json:"text"`
}

// Fact is a line of an Outcome, such as who is signed in.
type Fact struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// The outcomes that depend on nothing of the sign-in.
var (
	notHere = Outcome{
		Title: "There is no sign-in here",
		Text:  "The address of a sign-in works once, while a program waits for it. Start again from your program and use the address that it prints.",
	}
	notOurs = Outcome{
		Title: "This tab did not start the sign-in",
		Text:  "Nothing was accepted. Continue in the tab that your program opened, or start again from your program.",
	}
	finished = Outcome{
		Title: "This sign-in is over",
		Text:  "It is already finished. Your program says how it went. To sign in again, start again from there.",
	}
	timedOut = Outcome{
		Title: "The program is no longer waiting",
		Text:  "The program stopped waiting, or was stopped, before this page arrived. Start again from there.",
	}
	tooOften = Outcome{
		Title: "Too many tries",
		Text:  "This way to finish the sign-in is closed. Start again from your program.",
	}
)

func writeOutcome(w http.ResponseWriter, status int, o Outcome) {
	body, err := json.Marshal(o)
	if err != nil {
		http.Error(w, "The outcome could not be written.", http.StatusInternalServerError)
		return
	}
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
