package clouds

import (
	"errors"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/gophercloud-websso/websso/internal/cloudconf"
)

// Explain says where the settings of a cloud come from, for this module's command. It
// says what it can if they are wrong, which Parse reports, and never what is secret.
func Explain(opts ...ParseOption) cloudconf.Sources {
	o := newOptions(opts)
	f, _ := o.files()
	s := cloudconf.Sources{Cloud: o.name(), Files: o.found(f)}
	if s.Cloud == "" && o.describesCloud() {
		c := o.fromEnv()
		s.Settings, s.Names = c.explain(nil, o), c.names(o)
		return s
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
			s.Unknown = append(s.Unknown, l.unknown()...)
		}
	}
	if profile, err := o.profile(c.layer, entry[0], c); err == nil {
		layers = slices.Insert(layers, 0, profile)
		c.layer = c.over(profile)
	}
	slices.Reverse(layers)
	s.Settings, s.Names = c.explain(layers, o), c.names(o)
	return s
}

// found lists the files that there are, each kind in the order in which they are looked
// for. Those that are not used are in nobody's way, but often they are what the user has
// edited.
func (o *options) found(f files) []cloudconf.File {
	var all []cloudconf.File
	for _, kind := range []struct{ name, section, variable string }{
		{cloudconf.FileClouds, "clouds", configFile},
		{cloudconf.FileSecure, "clouds", secureFile},
		{cloudconf.FilePublic, "public-clouds", ""},
	} {
		var paths []string
		if path := o.env.Get(kind.variable); kind.variable != "" && path != "" {
			paths = append(paths, path)
		}
		named := len(paths)
		if kind.name == cloudconf.FileSecure && f.clouds != nil {
			paths = append(paths, withSuffixes(kind.name, filepath.Dir(f.clouds.path))...)
		}
		used := false
		for i, path := range append(paths, withSuffixes(kind.name, o.searchPath()...)...) {
			if slices.ContainsFunc(all, func(f cloudconf.File) bool { return f.Path == path }) {
				continue
			}
			file := cloudconf.File{Path: path, Kind: kind.name}
			d, err := openFirst([]string{path}, named-i)
			var failed *fs.PathError
			switch {
			case d == nil && err == nil && i >= named:
				continue
			case d == nil && err == nil:
				file.Err = fs.ErrNotExist
			case errors.As(err, &failed):
				file.Err = failed.Err
			default:
				file.Used, used = !used, true
			}
			if d != nil {
				entries, _ := d.entries(kind.section)
				file.Clouds = slices.Sorted(maps.Keys(entries))
			}
			all = append(all, file)
			if file.Err == fs.ErrNotExist && kind.name == cloudconf.FileClouds { //nolint:errorlint // set above
				break // no other is looked for
			}
		}
	}
	return all
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
			one := &cloud{layer: l, belowFirst: c.belowFirst}
			if n, ok := one.node(key); ok && n.from != value.From && n.Value != value.Text {
				setting.Hidden = append(setting.Hidden, cloudconf.Value{Text: n.Value, From: n.from})
			}
			// The other place for the key, if it is in both.
			other := &cloud{layer: layer{top: l.auth, auth: l.top}, belowFirst: c.belowFirst}
			if n, ok := other.node(key); ok && key.Auth && n.from != value.From && n.Value != value.Text && !setting.Hides(n.from) {
				setting.Hidden = append(setting.Hidden, cloudconf.Value{Text: n.Value, From: n.from})
			}
		}
		all = append(all, setting)
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
			unknown := cloudconf.Unknown{Key: name, From: n.from, Auth: place.auth, Known: known}
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
