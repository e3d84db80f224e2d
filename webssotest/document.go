package webssotest

import (
	"net/url"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// A document is what the browser understands of a page.
type document struct {
	body    map[string]string // attributes of <body>
	forms   []*form
	links   []string
	refresh string // target of <meta http-equiv=refresh>
	submits bool   // a script submits a form
	title   string // the first <h1>, or else the <title>
	text    string
}

type form struct {
	id, action, method string
	fields             []field
	button             *field // the first that submits
}

type field struct{ kind, name, value string }

// parse reads a page. Whether the browser runs scripts decides about <noscript>.
func parse(page string, scripts bool) *document {
	d := &document{body: map[string]string{}}
	root, err := html.ParseWithOptions(strings.NewReader(page), html.ParseOptionEnableScripting(scripts))
	if err != nil { // nested too deeply
		d.text = words(page)
		return d
	}
	r := reader{document: d, scripts: scripts}
	r.read(root, nil)
	d.text = words(r.text.String())
	return d
}

// A reader fills a document from the nodes of a page.
type reader struct {
	*document
	scripts bool
	text    strings.Builder
	headed  bool // by an <h1>
}

// read adds a node and those below it. open is the form that they are in, if any.
func (r *reader) read(n *html.Node, open *form) {
	switch {
	case n.Type == html.TextNode:
		r.text.WriteString(n.Data)
		return
	case n.Type == html.ElementNode && n.Namespace == "":
		switch n.DataAtom {
		case atom.Title:
			if r.title == "" {
				r.title = content(n)
			}
			return
		case atom.Script:
			r.submits = r.submits || r.scripts && strings.Contains(content(n), ".submit()")
			return
		case atom.Style:
			return
		case atom.Noscript:
			if r.scripts {
				return
			}
		case atom.Body:
			for _, a := range n.Attr {
				r.body[a.Key] = a.Val
			}
		case atom.H1:
			if heading := content(n); heading != "" && !r.headed {
				r.title, r.headed = heading, true
			}
		case atom.Form:
			open = &form{id: attr(n, "id"), action: attr(n, "action"), method: strings.ToUpper(attr(n, "method"))}
			r.forms = append(r.forms, open)
		case atom.Input, atom.Button:
			if open != nil {
				open.add(n)
			}
			// A page that carries a SAML message submits itself (saml-bindings-2.0-os,
			// section 3.5.4), with a script that may be in a file of its own.
			r.submits = r.submits || r.scripts && open != nil && attr(n, "name") == "SAMLResponse"
		case atom.A:
			r.links = append(r.links, attr(n, "href"))
		case atom.Meta:
			if strings.EqualFold(attr(n, "http-equiv"), "refresh") {
				r.refresh = refreshTarget(attr(n, "content"))
			}
		}
	}
	for child := range n.ChildNodes() {
		r.read(child, open)
	}
	if !inline[n.DataAtom] {
		r.text.WriteByte(' ')
	}
}

// inline are the elements that don't separate words.
var inline = map[atom.Atom]bool{
	atom.A: true, atom.B: true, atom.Code: true, atom.Em: true, atom.I: true, atom.Small: true, atom.Span: true, atom.Strong: true,
}

func content(n *html.Node) string {
	var text strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			text.WriteString(d.Data)
		}
	}
	return words(text.String())
}

func words(s string) string { return strings.Join(strings.Fields(s), " ") }

func attr(n *html.Node, name string) string {
	value, _ := lookup(n, name)
	return value
}

func lookup(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

func (f *form) add(n *html.Node) {
	in := field{kind: strings.ToLower(attr(n, "type")), name: attr(n, "name"), value: attr(n, "value")}
	_, checked := lookup(n, "checked")
	button := n.DataAtom == atom.Button
	switch {
	case button && in.kind == "", in.kind == "submit":
		if f.button == nil {
			f.button = &in
		}
	case button, in.kind == "button", in.kind == "reset", in.name == "":
	case (in.kind == "checkbox" || in.kind == "radio") && !checked:
	default:
		f.fields = append(f.fields, in)
	}
}

// fill types text into the fields of a kind. A field without a kind is of kind "text".
func (f *form) fill(kind, text string) {
	for i := range f.fields {
		if in := &f.fields[i]; in.kind == kind || kind == "text" && in.kind == "" {
			in.value = text
		}
	}
}

// values are what the form sends. A button is part of it only if it was clicked.
func (f *form) values(click bool) url.Values {
	values := url.Values{}
	for _, in := range f.fields {
		values.Add(in.name, in.value)
	}
	if click && f.button != nil && f.button.name != "" {
		values.Add(f.button.name, f.button.value)
	}
	return values
}

// refreshTarget returns the URL of a refresh like "0; url=…".
func refreshTarget(content string) string {
	_, target, _ := strings.Cut(content, ";")
	name, url, _ := strings.Cut(target, "=")
	if !strings.EqualFold(strings.TrimSpace(name), "url") {
		return ""
	}
	return strings.Trim(strings.TrimSpace(url), `'"`)
}

// form returns the form with that ID, or nil.
func (d *document) form(id string) *form {
	for _, f := range d.forms {
		if f.id == id {
			return f
		}
	}
	return nil
}

// login returns the first form that asks for a password, or nil.
func (d *document) login() *form {
	for _, f := range d.forms {
		for _, in := range f.fields {
			if in.kind == "password" {
				return f
			}
		}
	}
	return nil
}
