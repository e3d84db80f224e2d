package clouds

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/gophercloud-websso/websso/internal/cloudconf"
)

// layer holds the keys that one source sets for a cloud: those beside auth and those
// below it. Hyphens in key names have become underscores. Null and empty values are
// left out, so they don't hide a value of another layer.
type layer struct {
	top, auth map[string]node
}

func newLayer() layer { return layer{make(map[string]node), make(map[string]node)} }

// readLayer reads the entry of a cloud.
func readLayer(entry node) (layer, error) {
	l := newLayer()
	var read func(mapping node, to map[string]node, prefix string) error
	read = func(mapping node, to map[string]node, prefix string) error {
		all, err := mapping.mapping()
		for _, n := range all {
			key := strings.ReplaceAll(n.key, "-", "_")
			n.from = entry.from.Key(prefix + key)
			switch { // what comes later replaces what a mapping merges (<<), as a whole
			case key == "auth" && prefix == "":
				clear(l.auth)
				if err := read(n, l.auth, "auth."); err != nil {
					return err
				}
			case n.isNull() || n.Kind == yaml.ScalarNode && n.Value == "":
				delete(to, key)
			default:
				to[key] = n
			}
		}
		return err
	}
	if err := read(entry, l.top, ""); err != nil {
		return layer{}, err
	}
	// This is the one alias that wins over the newer name: openstack/config/loader.py,
	// magic_fixes. gophercloud does the same.
	if n, ok := l.top["endpoint_type"]; ok {
		l.top["interface"] = n
	}
	return l, nil
}

// over returns the keys of below with those of l put over them, one by one
// (openstack/config/loader.py, _auth_update).
func (l layer) over(below layer) layer {
	merged := newLayer()
	for _, from := range []layer{below, l} {
		maps.Copy(merged.top, from.top)
		maps.Copy(merged.auth, from.auth)
	}
	return merged
}

// nodes returns the values of a key in all its places, the one that counts first.
// belowFirst says that any key below auth takes precedence, as for gophercloud.
func (l layer) nodes(key cloudconf.Key, belowFirst bool) (all []node) {
	places := []map[string]node{l.top}
	switch {
	case key.Auth && key.BesideFirst && !belowFirst:
		places = []map[string]node{l.top, l.auth}
	case key.Auth:
		places = []map[string]node{l.auth, l.top}
	}
	for _, name := range slices.Concat([]string{key.Name}, key.Aliases) {
		for _, place := range places {
			if n, ok := place[name]; ok {
				all = append(all, n)
			}
		}
	}
	return all
}

// region is one of a cloud's regions, with the keys that are different there.
type region struct {
	name   cloudconf.Value
	values layer
}

// knownRegions returns the regions that a cloud names, and whether they are a list, so that
// it has no others. The cloud takes precedence over its profile, and a list over a single
// name (openstack/config/loader.py, _get_known_regions).
func knownRegions(own, profile layer) (regions []region, listed bool, err error) {
	for _, l := range []layer{own, profile} {
		list, ok := l.top["regions"]
		name, hasName := l.top["region_name"]
		switch {
		case ok:
		case !hasName:
			continue
		case name.Kind == yaml.SequenceNode:
			list = name
		default:
			text, err := name.text()
			for one := range strings.SplitSeq(text, ",") {
				regions = append(regions, region{name: cloudconf.Value{Text: one, From: name.from}})
			}
			return regions, len(regions) > 1, err
		}
		if list.Kind != yaml.SequenceNode {
			return nil, false, fmt.Errorf("websso: %s must be a list", list.from)
		}
		for _, item := range list.Content {
			r, err := readRegion(node{Node: resolve(item), doc: list.doc, from: list.from})
			if err != nil {
				return nil, false, err
			}
			regions = append(regions, r)
		}
		return regions, true, nil
	}
	return nil, false, nil
}

// readRegion reads a name, or a mapping with a name and values.
func readRegion(item node) (r region, err error) {
	if item.Kind == yaml.ScalarNode {
		return region{name: cloudconf.Value{Text: item.Value, From: item.from}}, nil
	}
	name, err := item.child("name")
	if err != nil {
		return r, err
	}
	if name.isNull() || name.Kind != yaml.ScalarNode {
		return r, fmt.Errorf("websso: %s: each region must be a name, or a mapping with name and values", item.from)
	}
	values, err := item.child("values")
	if err != nil {
		return r, err
	}
	values.from = item.from.Key(quote(name.Value)).Key("values")
	r.name = cloudconf.Value{Text: name.Value, From: item.from}
	r.values, err = readLayer(values)
	return r, err
}
