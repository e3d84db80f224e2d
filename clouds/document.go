package clouds

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/gophercloud-websso/websso/internal/cloudconf"
)

// maxSteps limits the work of expanding the merge keys (<<) of one file: the pairs and
// the sources that are looked at. With merges of merges, a few lines expand to any
// number of both, even if all they merge is null.
const maxSteps = 100_000

// document is a YAML file. Only the parts that are asked for are decoded, so the others
// may have any form.
type document struct {
	path  string // the file, as messages call it
	given bool   // the program passed it or OS_CLIENT_SECURE_FILE names it; not searched for
	root  *yaml.Node
	text  []byte
	steps int
}

// yamlVersion matches a directive before the document for a later version of YAML 1.
var yamlVersion = regexp.MustCompile(`^(\x{FEFF}?(?:[#%].*\n|[ \t\r]*\n)*%YAML[ \t]+1\.)[0-9]+`)

func parse(text []byte, path string) (*document, error) {
	// The Go package refuses what it calls other versions. PyYAML reads them all alike.
	text = yamlVersion.ReplaceAll(text, []byte("${1}1"))
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		// This is the only message that quotes the file. What follows an asterisk
		// may be a password that should have been in quotes.
		switch where, what, _ := strings.Cut(strings.TrimPrefix(err.Error(), "yaml: "), ": "); {
		case strings.Contains(err.Error(), "unknown anchor"):
			err = errors.New("an alias (*) refers to no anchor (&): put quotes around a text that begins with an asterisk")
		// C:\certs has no escape that YAML knows, C:\Users one without its digits.
		case strings.Contains(what, "escape character"), strings.Contains(what, "hexdecimal"):
			err = fmt.Errorf("%s: %s", where, inSingleQuotes)
		}
		return nil, fmt.Errorf("websso: %s is not valid YAML: %s", path, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	d := &document{path: path, root: &root, text: text}
	if root.Kind == yaml.DocumentNode && len(root.Content) > 0 {
		d.root = root.Content[0]
	}
	return d, nil
}

// inSingleQuotes is what to do about a path of Windows that was not read as it is written.
const inSingleQuotes = "put single quotes around a path of Windows; between double quotes a backslash begins an escape"

// node is a value in a document.
type node struct {
	*yaml.Node
	doc  *document
	key  string // under which it is in its mapping
	from cloudconf.Origin
}

func (d *document) top() node {
	return node{Node: d.root, doc: d, from: cloudconf.Origin{File: d.path}}
}

func (n node) isNull() bool {
	return n.Node == nil || n.Kind == 0 || n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null"
}

// text returns a scalar as it is written in the file, so that an ID of digits is not
// read as a number.
func (n node) text() (string, error) {
	if n.Kind != yaml.ScalarNode {
		return "", fmt.Errorf("websso: %s must be a single text, not a list or a mapping", n.from)
	}
	return n.Value, nil
}

// scalar returns a text, or "" if the node is another value or none.
func (n node) scalar() string {
	if n.Node == nil || n.Kind != yaml.ScalarNode {
		return ""
	}
	return n.Value
}

// truths are the booleans of PyYAML, and thus of openstacksdk. They don't include y and n,
// which the Go package takes for booleans of YAML 1.1.
var truths = map[string]bool{
	"true": true, "True": true, "TRUE": true, "yes": true, "Yes": true, "YES": true, "on": true, "On": true, "ON": true,
	"false": false, "False": false, "FALSE": false, "no": false, "No": false, "NO": false, "off": false, "Off": false, "OFF": false,
}

// truth reads a boolean. A word in quotes is a text.
func (n node) truth() (value, ok bool) {
	if n.Node == nil || n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
		return false, false
	}
	value, ok = truths[n.scalar()]
	return value, ok
}

// mapping returns the values of a mapping. If two have the same key, the later one
// counts. Null is an empty mapping.
func (n node) mapping() (all []node, err error) { return all, n.collect(&all) }

// collect appends the values of a mapping to all, those that it merges (<<) before its
// own.
func (n node) collect(all *[]node) error {
	if n.doc.steps++; n.doc.steps > maxSteps {
		return fmt.Errorf("websso: %s merges (<<) too much", n.from)
	}
	if n.isNull() {
		return nil
	}
	if n.Kind != yaml.MappingNode {
		return fmt.Errorf("websso: %s must be a mapping of keys to values", n.from)
	}
	n.doc.steps += len(n.Content) / 2
	var own []node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := resolve(n.Content[i]), resolve(n.Content[i+1])
		if key.Kind != yaml.ScalarNode {
			continue
		}
		if key.ShortTag() != "!!merge" {
			own = append(own, node{value, n.doc, key.Value, n.from})
			continue
		}
		sources := []*yaml.Node{value}
		if value.Kind == yaml.SequenceNode {
			sources = slices.Clone(value.Content)
			slices.Reverse(sources) // the first source wins
		}
		for _, source := range sources {
			if err := (node{resolve(source), n.doc, "", n.from}).collect(all); err != nil {
				return err
			}
		}
	}
	*all = append(*all, own...)
	return nil
}

// resolve follows an alias.
func resolve(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode && n.Alias != nil {
		return n.Alias
	}
	return n
}

// child returns the value of key in a mapping, or null if there is none.
func (n node) child(key string) (node, error) {
	found := node{doc: n.doc}
	all, err := n.mapping()
	for _, value := range all {
		if value.key == key {
			found = value
		}
	}
	found.from = n.from.Key(key)
	return found, err
}
