package clouds

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/gophercloud-websso/websso/internal/cloudconf"
)

// region is one of a cloud's regions, with the keys that are different there.
type region struct {
	name   string
	values layer
}

// knownRegions returns the regions that a cloud names, and whether they are a list. The
// cloud takes precedence over its profile, and a list over a single name
// (openstack/config/loader.py, _get_known_regions).
func knownRegions(own, profile layer) (regions []region, listed bool, err error) {
	for _, l := range []layer{own, profile} {
		if n, ok := l.top["regions"]; ok {
			regions, err = readRegions(n)
			return regions, true, err
		}
		n, ok := l.top["region_name"]
		if !ok {
			continue
		}
		if n.Kind == yaml.SequenceNode {
			regions, err = readRegions(n)
			return regions, true, err
		}
		text, err := n.text()
		if err != nil {
			return nil, false, err
		}
		for name := range strings.SplitSeq(text, ",") {
			regions = append(regions, region{name, newLayer()})
		}
		return regions, len(regions) > 1, nil
	}
	return nil, false, nil
}

// readRegions reads a list whose items are names, or mappings with a name and values.
func readRegions(n node) ([]region, error) {
	items, err := n.list()
	if err != nil {
		return nil, err
	}
	var regions []region
	for _, item := range items {
		if item.Kind == yaml.ScalarNode {
			regions = append(regions, region{item.Value, newLayer()})
			continue
		}
		name, err := item.child("name")
		if err != nil {
			return nil, err
		}
		if name.isNull() || name.Kind != yaml.ScalarNode {
			return nil, fmt.Errorf("websso: %s: each region must be a name, or a mapping with name and values", n.from)
		}
		values, err := item.child("values")
		if err != nil {
			return nil, err
		}
		values.from = n.from.Key(quote(name.Value)).Key("values")
		l, err := readLayer(values)
		if err != nil {
			return nil, err
		}
		regions = append(regions, region{name.Value, l})
	}
	return regions, nil
}

// inRegion returns the cloud as it is in the requested region, or in its first one.
func (c *cloud) inRegion(o *options) (*cloud, string, error) {
	asked, ok := o.set["region_name"]
	if !ok {
		asked, ok = c.env["region_name"]
	}
	if !ok && len(c.regions) == 0 {
		name := ""
		if n, ok := c.top["region_name"]; ok {
			name = n.Value // from the environment
		}
		return c, name, nil
	}
	if !ok {
		return c.with(c.regions[0]), c.regions[0].name, nil
	}
	var names []string
	for _, r := range c.regions {
		if r.name == asked.Text {
			return c.with(r), r.name, nil
		}
		names = append(names, r.name)
	}
	if c.listed {
		return nil, "", fmt.Errorf("websso: %s asks for region %s, but %s has only %s", asked.From, quote(asked.Text), c.where, quoted(names))
	}
	return c, asked.Text, nil
}

// iface returns the interface. Of a list, openstacksdk takes the first one that the
// catalog has; gophercloud can ask for only one.
func (c *cloud) iface(o *options) (cloudconf.Value, error) {
	v, err := c.values(o, "interface")
	n, ok := c.top["interface"]
	if err == nil || !ok || n.Kind != yaml.SequenceNode {
		return v["interface"], err
	}
	items, err := n.list()
	if err != nil || len(items) == 0 {
		return cloudconf.Value{}, err
	}
	text, err := items[0].text()
	return cloudconf.Value{Text: text, From: n.from}, err
}

func (c *cloud) with(r region) *cloud {
	in := *c
	in.layer = r.values.over(c.layer)
	return &in
}

// expand replaces each {key} in an auth_url, such as {region_name}, with the value of
// that key beside auth (openstack/config/loader.py, magic_fixes).
func (c *cloud) expand(url cloudconf.Value, regionName string) (string, error) {
	// Far longer than any URL, and short enough for templates that repeat a long value.
	const maxURL = 64 << 10
	var b strings.Builder
	rest := url.Text
	for {
		before, after, ok := strings.Cut(rest, "{")
		b.WriteString(before)
		if !ok {
			return b.String(), nil
		}
		key, after, ok := strings.Cut(after, "}")
		value := regionName
		if key != "region_name" {
			n, has := c.top[key]
			if !ok || !has || n.Kind != yaml.ScalarNode {
				return "", fmt.Errorf("websso: %s has a { that is not followed by a key of the cloud and a }", url.From)
			}
			value = n.Value
		} else if !ok || value == "" {
			return "", fmt.Errorf("websso: %s needs a region: set region_name or OS_REGION_NAME", url.From)
		}
		b.WriteString(value)
		if b.Len() > maxURL {
			return "", fmt.Errorf("websso: %s is too long with the values of its keys in braces", url.From)
		}
		rest = after
	}
}
