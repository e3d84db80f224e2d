package clouds

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/gophercloud-websso/websso/internal/cloudconf"
)

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
		items, err := list.list()
		for _, item := range items {
			r, err := readRegion(item)
			if err != nil {
				return nil, false, err
			}
			regions = append(regions, r)
		}
		return regions, true, err
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
