package clouds

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gophercloud-websso/websso/internal/cloudconf"
)

// name returns the name of the cloud that the options and the environment ask for.
func (o *options) name() string {
	if o.cloudName != nil {
		return *o.cloudName
	}
	return o.env.Get("OS_CLOUD")
}

// find returns the cloud that the options and the environment ask for.
func (o *options) find() (*cloud, error) {
	name := o.name()
	if name == "" && o.describesCloud() {
		return o.fromEnv(), nil
	}
	f, err := o.files()
	if err != nil {
		return nil, err
	}
	found, err := f.entries()
	if err != nil {
		return nil, err
	}
	names := slices.Sorted(maps.Keys(found))
	if name == "" {
		switch {
		case f.clouds == nil && f.secure == nil:
			return nil, fmt.Errorf("websso: no cloud is named, and %w: set OS_CLOUD, or OS_AUTH_URL and the other OS_* variables", o.notFound(f))
		case len(names) != 1:
			return nil, fmt.Errorf("websso: no cloud is named: set OS_CLOUD to one of the clouds in %s: %s", f.path(), quoted(names))
		}
		// openstack/config/loader.py, OpenStackConfig.__init__.
		name = names[0]
	}
	entry, ok := found[name]
	if !ok {
		if f.clouds == nil {
			return nil, fmt.Errorf("websso: no cloud %s: %w", quote(name), o.notFound(f))
		}
		return nil, fmt.Errorf("websso: no cloud %s in %s: it has %s", quote(name), f.path(), quoted(names))
	}
	c := &cloud{
		layer: newLayer(),
		name:  name,
		where: cloudconf.Origin{File: f.path(), Cloud: quote(name)},
		env:   o.values(cloudconf.Keys),
	}
	// A variable must not turn off the verification of a cloud in a file;
	// openstackclient doesn't allow that either.
	delete(c.env, "insecure")
	var own layer
	for i, n := range entry {
		l, err := readLayer(n)
		if err != nil {
			return nil, err
		}
		if i > 0 && !l.isEmpty() {
			if err := n.doc.mayOverride(entry[0]); err != nil {
				return nil, err
			}
		}
		own = l.over(own)
	}
	profile, err := o.profile(own, entry[0], c)
	if err != nil {
		return nil, err
	}
	c.layer = own.over(profile)
	c.regions, c.listed, err = knownRegions(own, profile)
	return c, err
}

// describesCloud reports whether variables describe a cloud, if none is named.
func (o *options) describesCloud() bool {
	return o.env.Get("OS_AUTH_URL") != "" || o.env.Get("OS_AUTH_TYPE") != ""
}

// Names returns the names of all clouds in the files, whatever their auth_type, in
// alphabetical order. Only the options about files count. A mistake in one cloud is
// not reported until that cloud is parsed. If there is no file, the error is
// [io/fs.ErrNotExist].
func Names(opts ...ParseOption) ([]string, error) {
	o := newOptions(opts)
	f, err := o.files()
	if err == nil && f.clouds == nil && f.secure == nil {
		err = fmt.Errorf("websso: %w", o.notFound(f))
	}
	if err != nil {
		return nil, shown(err)
	}
	entries, err := f.entries()
	if err != nil {
		return nil, shown(err)
	}
	return slices.Sorted(maps.Keys(entries)), nil
}

// fromEnv returns the cloud that the OS_* variables describe.
func (o *options) fromEnv() *cloud {
	c := &cloud{layer: newLayer(), where: cloudconf.Origin{Name: "the environment"}, isEnv: true}
	for name, value := range o.values(slices.Concat(cloudconf.Keys, cloudconf.Credentials)) {
		c.top[name] = variable(value)
	}
	return c
}

// path returns the file to name in messages.
func (f files) path() string {
	if f.clouds == nil {
		return f.secure.path
	}
	return f.clouds.path
}

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

// section returns the mapping of clouds to their entries.
func (d *document) section(name string) (node, error) {
	n, err := d.top().child(name)
	n.from = n.from.Key(name)
	return n, err
}

// entries returns the clouds below section by name.
func (d *document) entries(section string) (map[string]node, error) {
	n, err := d.section(section)
	if err != nil {
		return nil, err
	}
	if singular := strings.TrimSuffix(section, "s"); n.isNull() {
		if other, err := d.top().child(singular); err == nil && !other.isNull() {
			return nil, fmt.Errorf("websso: %s has the key %s, but it must be %s", d.path, singular, section)
		}
	}
	pairs, err := n.mapping()
	if err != nil {
		return nil, err
	}
	all := make(map[string]node)
	for _, p := range pairs {
		p.value.from = cloudconf.Origin{File: d.path, Cloud: quote(p.key)}
		all[p.key] = p.value
	}
	return all, nil
}

// profile returns the entry in clouds-public.yaml that own names as its profile. A
// missing one is not an error, as for openstacksdk, which also brings profiles of its
// own. The profile of a profile is ignored (openstack/config/loader.py,
// _expand_vendor_profile).
func (o *options) profile(own layer, from node, c *cloud) (layer, error) {
	n, ok := own.top["profile"]
	if !ok {
		if n, ok = own.top["cloud"]; !ok {
			return newLayer(), nil
		}
	}
	name, err := n.text()
	if err != nil {
		return layer{}, err
	}
	doc, err := o.public()
	if err != nil {
		return layer{}, err
	}
	if doc != nil {
		entries, err := doc.entries("public-clouds")
		if err != nil {
			return layer{}, err
		}
		if entry, ok := entries[name]; ok {
			if err := doc.maySupply(name, from); err != nil {
				return layer{}, err
			}
			return readLayer(entry)
		}
	}
	c.noProfile = name
	return newLayer(), nil
}
