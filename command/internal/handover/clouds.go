package handover

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/gophercloud-websso/websso/internal/cloudconf"
)

// maxNodes limits what the aliases of a file may grow to.
const maxNodes = 100_000

// replace returns a file that describes clouds with the cloud of a name replaced by what
// entry makes of it, or removed. In the others all aliases and merge keys (<<) are written
// out, so that no cloud needs another.
func replace(file []byte, name string, entry func(own *yaml.Node) *yaml.Node) ([]byte, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(file, &document); err != nil {
		return nil, errors.New("it is not valid YAML") // whose text may be quoted in err
	}
	left, top := maxNodes, mapping()
	if len(document.Content) > 0 && document.Content[0].Kind == yaml.MappingNode {
		top = plain(document.Content[0], &left)
	}
	if left < 0 {
		return nil, fmt.Errorf("it grows to more than %d values by its aliases", maxNodes)
	}
	before := child(top, "clouds")
	clouds := filtered(before, func(key string) bool { return key != name })
	if entry != nil {
		put(clouds, text(name), entry(child(before, name)))
	}
	put(top, text("clouds"), clouds)
	var b bytes.Buffer
	err := yaml.NewEncoder(&b).Encode(top)
	return b.Bytes(), err
}

// entry returns the cloud's entry for tools. What own says beside the sign-in, such as
// the versions of services, stays.
func (c Cloud) entry(own *yaml.Node) *yaml.Node {
	values := c.values()
	auth := mapping()
	entry := mapping(text("auth_type"), text(values["OS_AUTH_TYPE"]), text("auth"), auth)
	for _, v := range table {
		value := text(values[v.name])
		switch {
		case value.Value == "" || v.name == "OS_AUTH_TYPE" || v.name == "OS_ENDPOINT_TYPE":
		case v.name == "OS_INSECURE":
			put(entry, text("verify"), &yaml.Node{Kind: yaml.ScalarNode, Value: "false"})
		case v.kind.connects():
			put(entry, text(v.key()), value)
		default:
			put(auth, text(v.key()), value)
		}
	}
	if token := values["OS_TOKEN"]; token != "" {
		// openstacksdk 4.4 puts None beside auth where no token is, and takes it
		// (openstack/config/loader.py, magic_fixes and _fix_backwards_project).
		put(entry, text("token"), text(token))
	}
	entry.Content = append(entry.Content, filtered(own, isBeside).Content...)
	if regions := regions(own, c.Region); c.Region != "" && len(regions.Content) > 0 {
		put(entry, text("regions"), regions)
	}
	return entry
}

// isBeside reports whether a key of an entry has nothing to do with a sign-in.
func isBeside(key string) bool {
	key = strings.ReplaceAll(key, "-", "_")
	_, known := cloudconf.Find(key)
	return !known && key != "auth" && !slices.ContainsFunc(table, func(v variable) bool { return v.key() == strings.ToLower(key) })
}

// regions returns the list of regions of an entry, the one in use first, as tools take the
// first one and refuse what is not in the list. It is empty if the entry has none.
func regions(entry *yaml.Node, inUse string) *yaml.Node {
	list := child(entry, "regions")
	if list.Kind != yaml.SequenceNode {
		list = child(entry, "region_name")
	}
	regions := &yaml.Node{Kind: yaml.SequenceNode}
	for _, item := range list.Content {
		name, values := item.Value, mapping()
		if item.Kind == yaml.MappingNode {
			name, values = child(item, "name").Value, filtered(child(item, "values"), isBeside)
		}
		at := len(regions.Content)
		if name == inUse {
			at = 0
		}
		region := mapping(text("name"), text(name), text("values"), values)
		regions.Content = slices.Insert(regions.Content, at, region)
	}
	return regions
}

// text returns a string in the one style that all parsers read alike.
func text(value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.DoubleQuotedStyle, Value: value}
}

// mapping returns a mapping of keys and values.
func mapping(content ...*yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.MappingNode, Content: content}
}

// pairs yields the keys and values of a mapping, and nothing of another node.
func pairs(n *yaml.Node) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(key, value *yaml.Node) bool) {
		for i := 1; i < len(n.Content) && n.Kind == yaml.MappingNode; i += 2 {
			if !yield(n.Content[i-1], n.Content[i]) {
				return
			}
		}
	}
}

// filtered returns a mapping of what another one has for some keys.
func filtered(n *yaml.Node, want func(key string) bool) *yaml.Node {
	some := mapping()
	for key, value := range pairs(n) {
		if want(key.Value) {
			some.Content = append(some.Content, key, value)
		}
	}
	return some
}

// child returns the value of a key in a mapping, or a zero node.
func child(n *yaml.Node, name string) *yaml.Node {
	for key, value := range pairs(n) {
		if key.Value == name {
			return value
		}
	}
	return &yaml.Node{}
}

// put sets the value of a key in a mapping.
func put(n, key, value *yaml.Node) {
	for i := 1; i < len(n.Content); i += 2 {
		if n.Content[i-1].Value == key.Value {
			n.Content[i] = value
			return
		}
	}
	n.Content = append(n.Content, key, value)
}

// plain returns a copy of a node without anchors, aliases, merge keys and comments. Of
// values with the same key it has the last. It counts the nodes that are left, and stops
// when there are none.
func plain(n *yaml.Node, left *int) *yaml.Node {
	*left--
	switch {
	case n.Kind == yaml.AliasNode:
		return plain(n.Alias, left)
	case n.Kind == yaml.ScalarNode && n.Style != 0 && n.ShortTag() == "!!str":
		return text(n.Value)
	}
	c := &yaml.Node{Kind: n.Kind, Tag: n.Tag, Style: n.Style, Value: n.Value}
	for _, item := range n.Content {
		if *left >= 0 {
			c.Content = append(c.Content, plain(item, left))
		}
	}
	if c.Kind == yaml.MappingNode {
		c.Content = merged(c)
	}
	return c
}

// merged returns the keys and values of a mapping with its merge keys written out, each key
// once. Its own keys win, and of a list of merged mappings the first one does.
func merged(n *yaml.Node) []*yaml.Node {
	var layers []*yaml.Node
	own, all := mapping(), mapping()
	for key, value := range pairs(n) {
		switch {
		case key.ShortTag() != "!!merge":
			own.Content = append(own.Content, key, value)
		case value.Kind == yaml.SequenceNode:
			slices.Reverse(value.Content)
			layers = append(layers, value.Content...)
		default:
			layers = append(layers, value)
		}
	}
	for _, layer := range append(layers, own) {
		for key, value := range pairs(layer) {
			put(all, key, value)
		}
	}
	return all.Content
}
