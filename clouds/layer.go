package clouds

import (
	"maps"
	"strings"

	"go.yaml.in/yaml/v3"
)

// layer holds the keys that one source sets for a cloud: those beside auth and those
// below it. Hyphens in key names have become underscores. Null and empty values are
// left out, so they don't hide a value of another layer.
type layer struct {
	top, auth map[string]node
}

func newLayer() layer { return layer{make(map[string]node), make(map[string]node)} }

func (l layer) isEmpty() bool { return len(l.top) == 0 && len(l.auth) == 0 }

func readLayer(n node) (layer, error) {
	l := newLayer()
	pairs, err := n.mapping()
	if err != nil {
		return layer{}, err
	}
	put := func(to map[string]node, prefix string, p pair) {
		key := strings.ReplaceAll(p.key, "-", "_")
		value := p.value
		value.from = n.from.Key(prefix + key)
		if value.isNull() || value.Kind == yaml.ScalarNode && value.Value == "" {
			return
		}
		to[key] = value
	}
	for _, p := range pairs {
		if p.key != "auth" {
			put(l.top, "", p)
			continue
		}
		p.value.from = n.from.Key("auth")
		auth, err := p.value.mapping()
		if err != nil {
			return layer{}, err
		}
		for _, p := range auth {
			put(l.auth, "auth.", p)
		}
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
