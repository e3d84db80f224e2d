package webssotest

import (
	"html"
	"strings"
)

// A document is what a Browser understands of a page.
type document struct {
	body    map[string]string // the attributes of <body>
	forms   []*form
	links   []string
	refresh string // where <meta http-equiv=refresh> leads at once
	submits bool   // a script submits a form by itself
	title   string // of the first <h1>, or else the <title>
	text    string
}

type form struct {
	id, action, method string
	fields             []field
	button             *field // the first that submits
}

type field struct{ kind, name, value string }

// parseHTML reads a page as a browser does that runs scripts, or doesn't: that
// decides about <noscript>. It knows as much of HTML as sign-in pages need.
func parseHTML(page string, scripts bool) *document {
	d := &document{body: map[string]string{}}
	var open *form
	var text, title, heading strings.Builder
	var inTitle, inHeading bool
	for page != "" {
		before, rest, found := strings.Cut(page, "<")
		if run := html.UnescapeString(before); inTitle {
			title.WriteString(run)
		} else {
			text.WriteString(run)
			if inHeading {
				heading.WriteString(run)
			}
		}
		if !found {
			break
		}
		if strings.HasPrefix(rest, "!") && !strings.HasPrefix(rest, "!--") { // a doctype
			_, page, _ = strings.Cut(rest, ">")
			continue
		}
		if comment, ok := strings.CutPrefix(rest, "!--"); ok {
			_, page, _ = strings.Cut(comment, "-->")
			continue
		}
		var tag tag
		tag, page = cutTag(rest)
		switch tag.name {
		case "":
			text.WriteString("<")
		case "body":
			d.body = tag.attrs
		case "title", "/title":
			inTitle = tag.name == "title"
		case "h1", "/h1":
			inHeading = tag.name == "h1" && heading.Len() == 0
			text.WriteByte(' ')
		case "form":
			open = &form{id: tag.attrs["id"], action: tag.attrs["action"], method: strings.ToUpper(tag.attrs["method"])}
			d.forms = append(d.forms, open)
		case "/form":
			open = nil
		case "input", "button":
			if open != nil {
				open.add(tag)
			}
		case "a":
			d.links = append(d.links, tag.attrs["href"])
		case "meta":
			if strings.EqualFold(tag.attrs["http-equiv"], "refresh") {
				d.refresh = refreshTarget(tag.attrs["content"])
			}
		case "script":
			var script string
			script, page = cutElement(page, tag.name)
			d.submits = d.submits || scripts && strings.Contains(script, ".submit()")
		case "style":
			_, page = cutElement(page, tag.name)
		case "noscript":
			if scripts {
				_, page = cutElement(page, tag.name)
			}
		default:
			text.WriteByte(' ')
		}
	}
	d.text = words(text.String())
	if d.title = words(heading.String()); d.title == "" {
		d.title = words(title.String())
	}
	return d
}

func words(s string) string { return strings.Join(strings.Fields(s), " ") }

type tag struct {
	name  string // with a slash before it where it is an end tag
	attrs map[string]string
}

// cutTag reads a tag after its "<". A "<" that begins none gives a tag without a name.
func cutTag(s string) (tag, string) {
	t := tag{attrs: map[string]string{}}
	slash := len(s) - len(strings.TrimPrefix(s, "/"))
	if len(s) == slash || !isLetter(s[slash]) {
		return t, s
	}
	end := strings.IndexAny(s[slash:], " \t\r\n\f/>") + slash
	if end < slash {
		return t, ""
	}
	t.name, s = strings.ToLower(s[:end]), s[end:]
	for {
		s = strings.TrimLeft(s, " \t\r\n\f/")
		if s == "" {
			return t, ""
		}
		if s[0] == '>' {
			return t, s[1:]
		}
		end := strings.IndexAny(s[1:], " \t\r\n\f/>=") + 1
		if end == 0 {
			return t, ""
		}
		name := strings.ToLower(s[:end])
		s = strings.TrimLeft(s[end:], " \t\r\n\f")
		var value string
		if rest, ok := strings.CutPrefix(s, "="); ok {
			value, s = cutValue(strings.TrimLeft(rest, " \t\r\n\f"))
		}
		// The first of two attributes of one name counts.
		if _, twice := t.attrs[name]; !twice {
			t.attrs[name] = html.UnescapeString(value)
		}
	}
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func cutValue(s string) (value, rest string) {
	if s != "" && (s[0] == '"' || s[0] == '\'') {
		value, rest, _ = strings.Cut(s[1:], s[:1])
		return value, rest
	}
	end := strings.IndexAny(s, " \t\r\n\f>")
	if end < 0 {
		return s, ""
	}
	return s[:end], s[end:]
}

// cutElement reads what is in an element whose start tag was read, up to and with its
// end tag, without looking for tags in between.
func cutElement(s, name string) (content, rest string) {
	for at := 0; ; {
		i := strings.Index(s[at:], "</")
		if i < 0 {
			return s, ""
		}
		at += i
		if end := at + len("</") + len(name); end <= len(s) && strings.EqualFold(s[at+2:end], name) {
			_, rest, _ = strings.Cut(s[end:], ">")
			return s[:at], rest
		}
		at += len("</")
	}
}

func (f *form) add(t tag) {
	in := field{kind: strings.ToLower(t.attrs["type"]), name: t.attrs["name"], value: t.attrs["value"]}
	_, checked := t.attrs["checked"]
	switch {
	case t.name == "button" && in.kind == "", in.kind == "submit":
		if f.button == nil {
			f.button = &in
		}
	case t.name == "button", in.kind == "button", in.kind == "reset", in.name == "":
	case (in.kind == "checkbox" || in.kind == "radio") && !checked:
	default:
		f.fields = append(f.fields, in)
	}
}

// refreshTarget is the URL of a refresh like "0; url=…".
func refreshTarget(content string) string {
	_, target, _ := strings.Cut(content, ";")
	name, url, _ := strings.Cut(target, "=")
	if !strings.EqualFold(strings.TrimSpace(name), "url") {
		return ""
	}
	return strings.Trim(strings.TrimSpace(url), `'"`)
}

// form returns the form with that id, or nil.
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
