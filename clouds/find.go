package clouds

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/gophercloud-websso/websso/internal/cloudconf"
)

// find returns the cloud that the options and the environment ask for.
func (o *options) find() (*cloud, error) {
	if o.name() == "" && o.describesCloud() {
		return o.fromEnv(), nil
	}
	f, err := o.files()
	if err != nil {
		return nil, err
	}
	entries, err := f.entries()
	if err != nil {
		return nil, err
	}
	name := o.nameIn(entries)
	entry, ok := entries[name]
	names := slices.Sorted(maps.Keys(entries))
	switch {
	case ok:
		return o.fromFiles(name, f.path(), entry)
	case name == "" && f.isEmpty():
		return nil, fmt.Errorf("websso: no cloud is named, and %w: set OS_CLOUD, or OS_AUTH_URL and the other OS_* variables", o.notFound(f))
	case name == "":
		return nil, fmt.Errorf("websso: no cloud is named: set OS_CLOUD to one of the clouds in %s: %s", f.path(), quoted(names))
	case f.clouds == nil:
		return nil, fmt.Errorf("websso: no cloud %s: %w", quote(name), o.notFound(f))
	}
	return nil, fmt.Errorf("websso: no cloud %s in %s: it has %s", quote(name), f.path(), quoted(names))
}

// name returns the name of the cloud that the options and the environment ask for.
func (o *options) name() string {
	if o.cloudName != nil {
		return *o.cloudName
	}
	return o.env.Get("OS_CLOUD")
}

// nameIn returns that name or, if there is none and no variable describes a cloud, that of
// the only cloud (openstack/config/loader.py, OpenStackConfig.__init__).
func (o *options) nameIn(entries map[string][]node) string {
	if names := slices.Collect(maps.Keys(entries)); o.name() == "" && !o.describesCloud() && len(names) == 1 {
		return names[0]
	}
	return o.name()
}

// describesCloud reports whether variables describe a cloud, if none is named.
func (o *options) describesCloud() bool {
	return o.env.Get("OS_AUTH_URL") != "" || o.env.Get("OS_AUTH_TYPE") != ""
}

// fromEnv returns the cloud that the OS_* variables describe.
func (o *options) fromEnv() *cloud {
	c := &cloud{layer: newLayer(), options: o, where: cloudconf.Origin{Name: "the environment"}, isEnv: true}
	for name, value := range o.values(cloudconf.All) {
		c.top[name] = node{Node: &yaml.Node{Kind: yaml.ScalarNode, Style: yaml.DoubleQuotedStyle, Value: value.Text}, from: value.From}
	}
	return c
}

// fromFiles returns the cloud that entries describe. With an error it is what was read
// before that.
func (o *options) fromFiles(name, path string, entries []node) (*cloud, error) {
	c := &cloud{options: o, name: name, where: cloudconf.Origin{File: path, Cloud: quote(name)}, env: o.values(cloudconf.Keys)}
	// A variable must not turn off the verification of a cloud in a file;
	// openstackclient doesn't allow that either.
	delete(c.env, "insecure")
	for i, entry := range entries {
		l, err := readLayer(entry)
		if err == nil && i > 0 && len(l.top)+len(l.auth) > 0 {
			err = entry.doc.mayOverride(entries[0])
		}
		if err != nil {
			return c, err
		}
		c.own = append(c.own, l)
		c.layer = l.over(c.layer)
	}
	own := c.layer
	err := c.readProfile(entries[0])
	if err != nil {
		return c, err
	}
	c.layer = own.over(c.profile)
	c.regions, c.listed, err = knownRegions(own, c.profile)
	return c, err
}

// readProfile reads the entry in clouds-public.yaml that the cloud names as its profile. A
// missing one is not an error, as for openstacksdk, which also brings profiles of its own.
// The profile of a profile is ignored (openstack/config/loader.py, _expand_vendor_profile).
func (c *cloud) readProfile(from node) error {
	key, _ := cloudconf.Find("profile")
	name, err := c.inFiles(key)
	if err != nil || name.Text == "" {
		return err
	}
	c.noProfile = name.Text
	doc, err := c.options.public()
	if err != nil || doc == nil {
		return err
	}
	entries, err := doc.entries("public-clouds")
	entry, ok := entries[name.Text]
	if err != nil || !ok {
		return err
	}
	c.noProfile = ""
	if err := doc.maySupply(name.Text, from); err != nil {
		return err
	}
	c.profile, err = readLayer(entry)
	return err
}

// path returns the file to name in messages.
func (f files) path() string {
	if f.clouds == nil {
		return f.secure.path
	}
	return f.clouds.path
}

func (f files) isEmpty() bool { return f.clouds == nil && f.secure == nil }

// entries returns the entries of each cloud by its name: first that of the
// clouds.yaml, then that of the secure.yaml, which overrides it
// (openstack/config/_util.py, merge_clouds).
func (f files) entries() (map[string][]node, error) {
	all := make(map[string][]node)
	for _, doc := range []*document{f.clouds, f.secure} {
		if doc == nil {
			continue
		}
		entries, err := doc.entries("clouds")
		if err != nil {
			return nil, err
		}
		for name, n := range entries {
			all[name] = append(all[name], n)
		}
	}
	return all, nil
}

// entries returns the clouds below section by name.
func (d *document) entries(section string) (map[string]node, error) {
	n, err := d.top().child(section)
	if err != nil {
		return nil, err
	}
	if singular := strings.TrimSuffix(section, "s"); n.isNull() {
		if other, err := d.top().child(singular); err == nil && !other.isNull() {
			return nil, fmt.Errorf("websso: %s has the key %s, but it must be %s", d.path, singular, section)
		}
	}
	entries, err := n.mapping()
	all := make(map[string]node)
	for _, entry := range entries {
		entry.from = cloudconf.Origin{File: d.path, Cloud: quote(entry.key)}
		all[entry.key] = entry
	}
	return all, err
}
