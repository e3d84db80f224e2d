package clouds

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/gophercloud-websso/websso/internal/cloudconf"
)

// Explain says where the settings of a cloud come from, for this module's command. It
// says what it can if they are wrong, which Parse reports. Nothing of it is secret but the
// text of the files.
func Explain(opts ...ParseOption) cloudconf.Sources {
	o := newOptions(opts)
	f, _ := o.files()
	s := cloudconf.Sources{Cloud: o.name()}
	s.Files, s.Others = o.read(f, s.Cloud)
	if f.clouds != nil {
		s.Clouds = f.clouds.text
	}
	if f.secure != nil {
		s.Secure = f.secure.text
	}
	if s.Cloud == "" && o.describesCloud() {
		c := o.fromEnv()
		s.Settings, s.Names = c.explain(nil, o), c.names(o)
		return s
	}
	for _, d := range []*document{f.clouds, f.secure} {
		if d == nil {
			continue
		}
		if section, err := d.section("clouds"); err == nil {
			s.Unknown = append(append(s.Unknown, d.top().twice()...), section.twice()...)
		}
	}
	entries, _ := f.entries()
	if names := slices.Collect(maps.Keys(entries)); s.Cloud == "" && len(names) == 1 {
		s.Cloud = names[0]
	}
	entry, ok := entries[s.Cloud]
	if !ok {
		return s
	}
	c := &cloud{layer: newLayer(), where: cloudconf.Origin{File: f.path(), Cloud: quote(s.Cloud)}, env: o.values(cloudconf.Keys)}
	delete(c.env, "insecure")
	var layers []layer
	for _, n := range entry {
		if l, err := readLayer(n); err == nil {
			layers = append(layers, l)
			c.layer = l.over(c.layer)
			s.Unknown = append(append(s.Unknown, n.twice()...), l.unknown()...)
		}
	}
	if profile, err := o.profile(c.layer, entry[0], c); err == nil {
		s.Profile = c.noProfile
		layers = slices.Insert(layers, 0, profile)
		c.layer = c.over(profile)
	}
	slices.Reverse(layers)
	s.Settings, s.Names = c.explain(layers, o), c.names(o)
	return s
}

// read returns the paths of the files, and of others with a cloud of that name that come
// too late. Those are in nobody's way, but often they are what the user has edited.
func (o *options) read(f files, name string) (used, others []string) {
	for _, d := range []*document{f.clouds, f.secure} {
		if d != nil {
			used = append(used, d.path)
		}
	}
	if f.clouds == nil {
		return used, nil
	}
	for _, path := range withSuffixes("clouds", o.searchPath()...) {
		d, err := openFirst([]string{path}, 0)
		if err != nil || d == nil || slices.Contains(used, path) {
			continue
		}
		if entries, err := d.entries("clouds"); err == nil && entries[name].Node != nil {
			others = append(others, path)
		}
	}
	return used, others
}

// explain returns the settings of the cloud that count, and what they hide in layers, the
// first of which is the highest.
func (c *cloud) explain(layers []layer, o *options) []cloudconf.Setting {
	var all []cloudconf.Setting
	for _, key := range cloudconf.Keys {
		value, ok, err := c.lookup(key, o)
		if !ok || err != nil {
			continue
		}
		setting := cloudconf.Setting{Key: key.Name, Value: value}
		for _, l := range layers {
			// Below auth and beside it, if the key may be in both places.
			for i, places := range []layer{l, {top: l.auth, auth: l.top}} {
				n, ok := (&cloud{layer: places, belowFirst: c.belowFirst}).node(key)
				if !ok || i > 0 && !key.Auth || n.from == value.From || n.Value == value.Text {
					continue
				}
				if hidden := (cloudconf.Value{Text: n.Value, From: n.from}); !slices.Contains(setting.Hidden, hidden) {
					setting.Hidden = append(setting.Hidden, hidden)
				}
			}
		}
		all = append(all, setting)
	}
	return all
}

// twice returns the keys of a mapping, and of that below auth, that are given again below.
func (n node) twice() []cloudconf.Unknown {
	if n.isNull() || n.Kind != yaml.MappingNode {
		return nil
	}
	var all []cloudconf.Unknown
	last := make(map[string]int)
	for i := 0; i+1 < len(n.Content); i += 2 {
		name := strings.ReplaceAll(n.Content[i].Value, "-", "_")
		if n.from.Cloud == "" {
			name = strconv.Quote(n.Content[i].Value) // of a cloud
		}
		if before, ok := last[name]; ok && n.Content[i].ShortTag() != "!!merge" {
			all = append(all, cloudconf.Unknown{Key: name, From: n.from.Key(name), Line: n.Content[before].Line, Twice: true})
		}
		last[name] = i
		if name == "auth" {
			below := node{resolve(n.Content[i+1]), n.doc, n.from.Key(name)}
			all = append(all, below.twice()...)
		}
	}
	return all
}

// unknown returns the keys of the layer that no auth_type knows, and those that are where
// they mean nothing.
func (l layer) unknown() []cloudconf.Unknown {
	var all []cloudconf.Unknown
	for _, place := range []struct {
		keys map[string]node
		auth bool
	}{{l.top, false}, {l.auth, true}} {
		for _, name := range slices.Sorted(maps.Keys(place.keys)) {
			key, known := keyOf(name)
			if known && (key.Auth || !place.auth) {
				continue
			}
			n := place.keys[name]
			unknown := cloudconf.Unknown{Key: name, From: n.from, Known: known}
			if n.Kind == yaml.ScalarNode {
				unknown.Line = n.Line
			}
			all = append(all, unknown)
		}
	}
	return all
}

// keyOf returns the key that has a name, or had it.
func keyOf(name string) (cloudconf.Key, bool) {
	name = strings.ReplaceAll(name, "-", "_")
	for _, key := range slices.Concat(cloudconf.Keys, cloudconf.Credentials) {
		if key.Name == name || slices.Contains(key.Aliases, name) {
			return key, true
		}
	}
	return cloudconf.Key{}, false
}
