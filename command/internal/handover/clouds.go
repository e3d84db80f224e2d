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

// document is a file that describes clouds, with all aliases and merge keys (<<) written
// out, so that no cloud needs another.
type document struct {
	rest   []*yaml.Node // keys and values beside the clouds
	names  []*yaml.Node
	clouds []*yaml.Node
}

func parseDocument(text []byte) (*document, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		return nil, errors.New("it is not valid YAML") // whose text may be quoted in err
	}
	d := &document{}
	if len(root.Content) == 0 {
		return d, nil
	}
	left := maxNodes
	top, err := plain(root.Content[0], &left)
	if err != nil {
		return nil, err
	}
	for key, value := range pairs(top) {
		if key.Value != "clouds" {
			d.rest = append(d.rest, key, value)
			continue
		}
		for name, entry := range pairs(value) {
			d.names, d.clouds = append(d.names, name), append(d.clouds, entry)
		}
	}
	return d, nil
}

// take removes a cloud and returns its entry, or nil.
func (d *document) take(name string) *yaml.Node {
	i := slices.IndexFunc(d.names, func(n *yaml.Node) bool { return n.Value == name })
	if i < 0 {
		return nil
	}
	entry := d.clouds[i]
	d.names, d.clouds = slices.Delete(d.names, i, i+1), slices.Delete(d.clouds, i, i+1)
	return entry
}

func (d *document) put(name string, entry *yaml.Node) {
	d.names, d.clouds = append(d.names, text(name)), append(d.clouds, entry)
}

func (d *document) bytes() ([]byte, error) {
	clouds := &yaml.Node{Kind: yaml.MappingNode}
	for i, name := range d.names {
		clouds.Content = append(clouds.Content, name, d.clouds[i])
	}
	root := &yaml.Node{Kind: yaml.MappingNode, Content: append(slices.Clone(d.rest), text("clouds"), clouds)}
	var b bytes.Buffer
	err := yaml.NewEncoder(&b).Encode(root)
	return b.Bytes(), err
}

// cloudsYAML returns a clouds.yaml with a cloud replaced by what tools use.
func cloudsYAML(file []byte, name string, c Cloud) ([]byte, error) {
	d, err := parseDocument(file)
	if err != nil {
		return nil, err
	}
	d.put(name, c.entry(d.take(name)))
	return d.bytes()
}

// secureYAML returns a secure.yaml without a cloud. Tools would merge it over the other
// file.
func secureYAML(file []byte, name string) ([]byte, error) {
	d, err := parseDocument(file)
	if err != nil {
		return nil, err
	}
	d.take(name)
	return d.bytes()
}

// entry returns the cloud's entry for tools. What own says beside the sign-in, such as
// the versions of services, stays.
func (c Cloud) entry(own *yaml.Node) *yaml.Node {
	entry, auth := &yaml.Node{Kind: yaml.MappingNode}, &yaml.Node{Kind: yaml.MappingNode}
	values := c.values()
	entry.Content = append(entry.Content, text("auth_type"), text(values["OS_AUTH_TYPE"]), text("auth"), auth)
	for _, v := range table {
		to := auth
		if v.kind == connection {
			to = entry
		}
		if value := values[v.name]; value != "" && v.key != "" {
			to.Content = append(to.Content, text(v.key), text(value))
		}
	}
	if c.Insecure {
		entry.Content = append(entry.Content, text("verify"), &yaml.Node{Kind: yaml.ScalarNode, Value: "false"})
	}
	entry.Content = append(entry.Content, beside(own)...)
	if regions := otherRegions(own, c.Region); regions != nil {
		entry.Content = append(entry.Content, text("regions"), regions)
	}
	return entry
}

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
	for _, keys := range [][]cloudconf.Key{cloudconf.Keys, cloudconf.Credentials} {
		for _, k := range keys {
			if k.Name == key || slices.Contains(k.Aliases, key) {
				return true
			}
		}
	}
	return key == "auth" || slices.ContainsFunc(table, func(v variable) bool {
		return v.name == "OS_"+strings.ToUpper(key)
	})
}

// otherRegions returns the regions of an entry, the one in use first, as tools take the
// first one and refuse what is not in the list. It is nil if the entry has no list.
func otherRegions(entry *yaml.Node, inUse string) *yaml.Node {
	var regions, last *yaml.Node
	for key, value := range pairs(entry) {
		if (key.Value == "regions" || key.Value == "region_name" && last == nil) && value.Kind == yaml.SequenceNode {
			last = value
		}
	}
	if last == nil || inUse == "" {
		return nil
	}
	regions = &yaml.Node{Kind: yaml.SequenceNode}
	for _, item := range last.Content {
		name, values := item.Value, &yaml.Node{Kind: yaml.MappingNode}
		for key, value := range pairs(item) {
			switch key.Value {
			case "name":
				name = value.Value
			case "values":
				values.Content = beside(value)
			}
		}
		region := &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{text("name"), text(name), text("values"), values}}
		if name == inUse {
			regions.Content = slices.Insert(regions.Content, 0, region)
		} else {
			regions.Content = append(regions.Content, region)
		}
	}
	return regions
}

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

// plain returns a copy of a node without anchors, aliases, merge keys and comments. Of
// values with the same key it has the last.
func plain(n *yaml.Node, left *int) (*yaml.Node, error) {
	if *left--; *left < 0 {
		return nil, fmt.Errorf("it grows to more than %d values by its aliases", maxNodes)
	}
	if n.Kind == yaml.AliasNode {
		return plain(n.Alias, left)
	}
	c := &yaml.Node{Kind: n.Kind, Tag: n.Tag, Style: n.Style, Value: n.Value}
	if n.Kind == yaml.ScalarNode && n.Style != 0 && n.ShortTag() == "!!str" {
		c = text(n.Value)
	}
	if n.Kind != yaml.MappingNode {
		for _, item := range n.Content {
			item, err := plain(item, left)
			if err != nil {
				return nil, err
			}
			c.Content = append(c.Content, item)
		}
		return c, nil
	}
	var merged, own []*yaml.Node
	for key, value := range pairs(n) {
		isMerge := key.ShortTag() == "!!merge"
		key, err := plain(key, left)
		if err != nil {
			return nil, err
		}
		if value, err = plain(value, left); err != nil {
			return nil, err
		}
		if !isMerge {
			own = append(own, key, value)
			continue
		}
		sources := []*yaml.Node{value}
		if value.Kind == yaml.SequenceNode {
			sources = slices.Clone(value.Content)
			slices.Reverse(sources) // the first source wins
		}
		for _, source := range sources {
			if source.Kind == yaml.MappingNode {
				merged = append(merged, source.Content...)
			}
		}
	}
	for key, value := range pairs(&yaml.Node{Kind: yaml.MappingNode, Content: append(merged, own...)}) {
		put(c, key, value)
	}
	return c, nil
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
