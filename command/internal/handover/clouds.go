package handover

import (
	"bytes"
	"errors"
	"fmt"
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
	var root yaml.Node
	if err := yaml.Unmarshal(file, &root); err != nil {
		return nil, errors.New("it is not valid YAML") // whose text may be quoted in err
	}
	top := mapping()
	if left := maxNodes; len(root.Content) > 0 && root.Content[0].Kind == yaml.MappingNode {
		var err error
		if top, err = plain(root.Content[0], &left); err != nil {
			return nil, err
		}
	}
	clouds := mapping()
	var own *yaml.Node
	for key, value := range pairs(child(top, "clouds")) {
		if key.Value == name {
			own = value
		} else {
			clouds.Content = append(clouds.Content, key, value)
		}
	}
	if entry != nil {
		put(clouds, text(name), entry(own))
	}
	put(top, text("clouds"), clouds)
	var b bytes.Buffer
	err := yaml.NewEncoder(&b).Encode(top)
	return b.Bytes(), err
}

// entry returns the cloud's entry for tools. What own says beside the sign-in, such as
// the versions of services, stays.
func (c Cloud) entry(own *yaml.Node) *yaml.Node {
	entry, auth := mapping(), mapping()
	values := c.values()
	put(entry, text("auth_type"), text(values["OS_AUTH_TYPE"]))
	put(entry, text("auth"), auth)
	for _, v := range table {
		switch value := values[v.name]; {
		case value == "" || v.name == "OS_AUTH_TYPE" || v.name == "OS_ENDPOINT_TYPE":
		case v.name == "OS_INSECURE":
			put(entry, text("verify"), &yaml.Node{Kind: yaml.ScalarNode, Value: "false"})
		case v.kind == connection:
			put(entry, text(v.key()), text(value))
		default:
			put(auth, text(v.key()), text(value))
		}
	}
	if token := values["OS_TOKEN"]; token != "" {
		// openstacksdk 4.4 puts None beside auth where no token is, and takes it
		// (openstack/config/loader.py, magic_fixes and _fix_backwards_project).
		put(entry, text("token"), text(token))
	}
	entry.Content = append(entry.Content, beside(own)...)
	if regions := otherRegions(own, c.Region); regions != nil {
		put(entry, text("regions"), regions)
	}
	return entry
}

// key is the variable's name in a clouds.yaml.
func (v variable) key() string { return strings.ToLower(strings.TrimPrefix(v.name, "OS_")) }

// beside returns the keys and values of an entry that have nothing to do with a sign-in.
func beside(entry *yaml.Node) []*yaml.Node {
	var rest []*yaml.Node
	for key, value := range pairs(entry) {
		if !isSetting(strings.ReplaceAll(key.Value, "-", "_")) {
			rest = append(rest, key, value)
		}
	}
	return rest
}

func isSetting(key string) bool {
	_, known := cloudconf.Find(key)
	return known || key == "auth" || slices.ContainsFunc(table, func(v variable) bool { return v.key() == strings.ToLower(key) })
}

// otherRegions returns the regions of an entry, the one in use first, as tools take the
// first one and refuse what is not in the list. It is nil if the entry has no list.
func otherRegions(entry *yaml.Node, inUse string) *yaml.Node {
	list := child(entry, "regions")
	if list == nil || list.Kind != yaml.SequenceNode {
		list = child(entry, "region_name")
	}
	if list == nil || list.Kind != yaml.SequenceNode || inUse == "" {
		return nil
	}
	regions := &yaml.Node{Kind: yaml.SequenceNode}
	for _, item := range list.Content {
		name, values := item, mapping()
		if item.Kind == yaml.MappingNode {
			name, values.Content = child(item, "name"), beside(child(item, "values"))
		}
		if name == nil {
			continue
		}
		region := mapping()
		put(region, text("name"), text(name.Value))
		put(region, text("values"), values)
		at := len(regions.Content)
		if name.Value == inUse {
			at = 0
		}
		regions.Content = slices.Insert(regions.Content, at, region)
	}
	return regions
}

func mapping() *yaml.Node { return &yaml.Node{Kind: yaml.MappingNode} }

// text returns a string in the one style that all parsers read alike.
func text(value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.DoubleQuotedStyle, Value: value}
}

// pairs yields the keys and values of a mapping, and nothing of another node.
func pairs(n *yaml.Node) func(yield func(key, value *yaml.Node) bool) {
	return func(yield func(key, value *yaml.Node) bool) {
		if n == nil || n.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i], n.Content[i+1]) {
				return
			}
		}
	}
}

// child returns the value of a key in a mapping, or nil.
func child(n *yaml.Node, name string) *yaml.Node {
	for key, value := range pairs(n) {
		if key.Value == name {
			return value
		}
	}
	return nil
}

// put sets the value of a key in a mapping.
func put(mapping, key, value *yaml.Node) {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key.Value {
			mapping.Content[i+1] = value
			return
		}
	}
	mapping.Content = append(mapping.Content, key, value)
}

// plain returns a copy of a node without anchors, aliases, merge keys and comments. Of
// values with the same key it has the last.
func plain(n *yaml.Node, left *int) (*yaml.Node, error) {
	if *left--; *left < 0 {
		return nil, fmt.Errorf("it grows to more than %d values by its aliases", maxNodes)
	}
	if n.Kind == yaml.AliasNode {
		return plain(n.Alias, left)
	}
	if n.Kind == yaml.ScalarNode && n.Style != 0 && n.ShortTag() == "!!str" {
		return text(n.Value), nil
	}
	c := &yaml.Node{Kind: n.Kind, Tag: n.Tag, Style: n.Style, Value: n.Value}
	for _, item := range n.Content {
		item, err := plain(item, left)
		if err != nil {
			return nil, err
		}
		c.Content = append(c.Content, item)
	}
	if c.Kind == yaml.MappingNode {
		c.Content = merged(c)
	}
	return c, nil
}

// merged returns the keys and values of a mapping, those of its merge keys first, each key
// once.
func merged(n *yaml.Node) []*yaml.Node {
	var below, own []*yaml.Node
	for key, value := range pairs(n) {
		switch {
		case key.ShortTag() != "!!merge":
			own = append(own, key, value)
		case value.Kind == yaml.MappingNode:
			below = append(below, value.Content...)
		default:
			for _, source := range slices.Backward(value.Content) { // the first one wins
				below = append(below, source.Content...)
			}
		}
	}
	all := mapping()
	for key, value := range pairs(&yaml.Node{Kind: yaml.MappingNode, Content: append(below, own...)}) {
		put(all, key, value)
	}
	return all.Content
}
