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
	entries, _ := f.entries()
	s := cloudconf.Sources{Cloud: o.nameIn(entries), Others: o.others(f, o.nameIn(entries))}
	fromEnv := s.Cloud == "" && o.describesCloud()
	for _, d := range []struct {
		*document
		text *[]byte
	}{{f.clouds, &s.Clouds}, {f.secure, &s.Secure}} {
		if d.document == nil {
			continue
		}
		s.Files, *d.text = append(s.Files, d.path), d.document.text
		if !fromEnv {
			s.Unknown = append(s.Unknown, d.top().twice("clouds", s.Cloud, "auth")...)
		}
	}
	var c *cloud
	if fromEnv {
		c = o.fromEnv()
	} else {
		entry, ok := entries[s.Cloud]
		if !ok {
			return s
		}
		c, _ = o.fromFiles(s.Cloud, f.path(), entry)
		for _, l := range c.own {
			s.Unknown = append(s.Unknown, l.unknown()...)
		}
	}
	s.Settings, s.Names, s.Profile = c.settings(), c.names, c.noProfile
	return s
}

// others returns the paths of files with the cloud that come too late to be read. Often
// they are what the user has edited.
func (o *options) others(f files, cloud string) (paths []string) {
	if f.clouds == nil || o.cloudsYAML != nil {
		return nil
	}
	for _, path := range withSuffixes("clouds", o.searchPath()...) {
		d, err := openFirst([]string{path}, 0)
		if err != nil || d == nil || path == f.clouds.path || f.secure != nil && path == f.secure.path {
			continue
		}
		if entries, err := d.entries("clouds"); err == nil && entries[cloud].Node != nil {
			paths = append(paths, path)
		}
	}
	return paths
}

// settings returns the settings of the cloud that count, and what they hide.
func (c *cloud) settings() (all []cloudconf.Setting) {
	for _, key := range cloudconf.Keys {
		value, err := c.lookup(key)
		if err != nil || value.Text == "" {
			continue
		}
		setting := cloudconf.Setting{Key: key.Name, Value: value}
		for _, l := range slices.Backward(append([]layer{c.profile}, c.own...)) {
			for _, n := range l.nodes(key, c.belowFirst) {
				hidden := cloudconf.Value{Text: n.Value, From: n.from}
				if hidden.From != value.From && hidden.Text != value.Text && n.Kind == yaml.ScalarNode && !slices.Contains(setting.Hidden, hidden) {
					setting.Hidden = append(setting.Hidden, hidden)
				}
			}
		}
		all = append(all, setting)
	}
	return all
}

// twice returns the keys of a mapping that are given again below, and those of the mapping
// at the path below.
func (n node) twice(below ...string) (all []cloudconf.Unknown) {
	if n.isNull() || n.Kind != yaml.MappingNode {
		return nil
	}
	last := make(map[string]int) // line
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		name := strings.ReplaceAll(key.Value, "-", "_")
		if len(below) > 1 {
			name = strconv.Quote(key.Value) // of a cloud
		}
		if line := last[name]; line > 0 && key.ShortTag() != "!!merge" {
			all = append(all, cloudconf.Unknown{Key: name, From: n.from.Key(name), Line: line, Twice: true})
		}
		last[name] = key.Line
		if len(below) > 0 && key.Value == below[0] {
			all = append(all, node{Node: resolve(n.Content[i+1]), from: n.from}.twice(below[1:]...)...)
		}
	}
	return all
}

// unknown returns the keys of the layer that no auth_type knows, and those that are where
// they mean nothing.
func (l layer) unknown() (all []cloudconf.Unknown) {
	for i, place := range []map[string]node{l.top, l.auth} {
		for _, name := range slices.Sorted(maps.Keys(place)) {
			key, known := cloudconf.Find(name)
			if known && (key.Auth || i == 0) {
				continue
			}
			n := place[name]
			unknown := cloudconf.Unknown{Key: name, From: n.from, Known: known}
			if n.Kind == yaml.ScalarNode {
				unknown.Line = n.Line
			}
			all = append(all, unknown)
		}
	}
	return all
}
