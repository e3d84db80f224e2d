package clouds

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/gophercloud-websso/websso/internal/cloudconf"
)

// layer is what one place says of a cloud: its keys, with underscores for hyphens,
// and those below auth. What is null or empty is not said.
type layer struct {
	top, auth map[string]node
}

func newLayer() layer { return layer{make(map[string]node), make(map[string]node)} }

func readLayer(n node) (layer, error) {
	l := newLayer()
	pairs, err := n.mapping()
	if err != nil {
		return layer{}, err
	}
	put := func(to map[string]node, prefix string, p pair) {
		key := strings.ReplaceAll(p.key, "-", "_")
		value := p.value
		value.from = n.from + ": " + prefix + key
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
		p.value.from = n.from + ": auth"
		auth, err := p.value.mapping()
		if err != nil {
			return layer{}, err
		}
		for _, p := range auth {
			put(l.auth, "auth.", p)
		}
	}
	// The one older name that wins: openstack/config/loader.py, magic_fixes; gophercloud
	// has it the same way round.
	if n, ok := l.top["endpoint_type"]; ok {
		l.top["interface"] = n
	}
	return l, nil
}

// over puts l over below: keys beside auth and below it each win on their own
// (openstack/config/loader.py, _auth_update).
func (l layer) over(below layer) layer {
	merged := newLayer()
	for _, from := range []layer{below, l} {
		maps.Copy(merged.top, from.top)
		maps.Copy(merged.auth, from.auth)
	}
	return merged
}

// cloud is what all places say of one cloud.
type cloud struct {
	layer
	where string           // for messages
	env   cloudconf.Values // variables that stand over a cloud of a file
	isEnv bool             // there is no file: the environment is the cloud
	note  string           // what else to say where something is missing

	regions []region
	listed  bool // regions are all there are
}

// find looks for the cloud that o and the environment name.
func (o *options) find() (*cloud, error) {
	name := os.Getenv("OS_CLOUD")
	if o.cloudName != nil {
		name = *o.cloudName
	}
	if name == "" && (os.Getenv("OS_AUTH_URL") != "" || os.Getenv("OS_AUTH_TYPE") != "") {
		return fromEnv(), nil
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
			return nil, fmt.Errorf("websso: no cloud is named, and %s: set OS_CLOUD, or OS_AUTH_URL and the other OS_* variables", f.notFound())
		case len(names) != 1:
			return nil, fmt.Errorf("websso: no cloud is named: set OS_CLOUD to one of those in %s: %s", f.path(), quoted(names))
		}
		// openstack/config/loader.py, OpenStackConfig.__init__.
		name = names[0]
	}
	entry, ok := found[name]
	if !ok {
		if f.clouds == nil {
			return nil, fmt.Errorf("websso: no cloud %q: %s", name, f.notFound())
		}
		return nil, fmt.Errorf("websso: no cloud %q in %s: it has %s", name, f.path(), quoted(names))
	}
	c := &cloud{
		layer: newLayer(),
		where: fmt.Sprintf("%s: cloud %q", f.path(), name),
		env:   cloudconf.FromEnv(cloudconf.Keys),
	}
	// Only where the environment is the cloud: that one variable turns off the
	// verification of a cloud in a file is more than openstackclient allows.
	delete(c.env, "insecure")
	var own layer
	for _, n := range entry {
		l, err := readLayer(n)
		if err != nil {
			return nil, err
		}
		own = l.over(own)
	}
	profile, err := o.profile(own, c)
	if err != nil {
		return nil, err
	}
	c.layer = own.over(profile)
	c.regions, c.listed, err = knownRegions(own, profile)
	return c, err
}

func quoted(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	const most = 50
	rest := ""
	if len(names) > most {
		rest = fmt.Sprintf(" and %d more", len(names)-most)
		names = names[:most]
	}
	all := make([]string, len(names))
	for i, name := range names {
		all[i] = strconv.Quote(name)
	}
	return strings.Join(all, ", ") + rest
}

// path is the file to name in messages.
func (f files) path() string {
	if f.clouds == nil {
		return f.secure.path
	}
	return f.clouds.path
}

// entries are the clouds by name, each with what the clouds.yaml says, then what the
// secure.yaml puts over it (openstack/config/_util.py, merge_clouds).
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

// entries are the clouds below section, by name.
func (d *document) entries(section string) (map[string]node, error) {
	n, err := d.top().child(section)
	if err != nil {
		return nil, err
	}
	n.from = d.path + ": " + section
	pairs, err := n.mapping()
	if err != nil {
		return nil, err
	}
	all := make(map[string]node)
	for _, p := range pairs {
		p.value.from = fmt.Sprintf("%s: cloud %q", d.path, p.key)
		all[p.key] = p.value
	}
	return all, nil
}

// profile returns what clouds-public.yaml has under the name that own gives as its
// profile. One that is not there is nothing, as for openstacksdk; it has some of its
// own, which are not here. A profile's profile does not count
// (openstack/config/loader.py, _expand_vendor_profile).
func (o *options) profile(own layer, c *cloud) (layer, error) {
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
			return readLayer(entry)
		}
	}
	c.note = fmt.Sprintf(" (its profile %q is in no clouds-public.yaml)", name)
	return newLayer(), nil
}

// fromEnv is the cloud that the OS_* variables describe.
func fromEnv() *cloud {
	c := &cloud{layer: newLayer(), where: "the environment", isEnv: true}
	for name, value := range cloudconf.FromEnv(slices.Concat(cloudconf.Keys, cloudconf.Credentials)) {
		c.top[name] = variable(value)
	}
	return c
}

// lookup returns what counts for key: what o sets, then the variables and the file in
// the order that key says.
func (c *cloud) lookup(key cloudconf.Key, o *options) (cloudconf.Value, bool, error) {
	if value, ok := o.set[key.Name]; ok {
		return value, true, nil
	}
	value, set := c.env[key.Name]
	if set && !key.FileFirst {
		return value, true, nil
	}
	n, ok := node{}, false
	if key.Auth {
		n, ok = c.auth[key.Name]
	}
	if !ok && set {
		return value, true, nil
	}
	if !ok {
		n, ok = c.top[key.Name]
	}
	for i := 0; !ok && i < len(key.Aliases); i++ {
		if key.Auth {
			n, ok = c.auth[key.Aliases[i]]
		}
		if !ok {
			n, ok = c.top[key.Aliases[i]]
		}
	}
	if !ok {
		return cloudconf.Value{}, false, nil
	}
	text, err := n.text()
	return cloudconf.Value{Text: text, From: n.from}, true, err
}

// values returns what counts for each of the keys that are set.
func (c *cloud) values(o *options, keys ...string) (cloudconf.Values, error) {
	all := make(cloudconf.Values)
	for _, name := range keys {
		key, ok := cloudconf.Find(name)
		if !ok {
			panic("clouds: unknown key " + name)
		}
		value, ok, err := c.lookup(key, o)
		if err != nil {
			return nil, err
		}
		if ok {
			all[name] = value
		}
	}
	return all, nil
}

// authType is the auth_type that the cloud has. OS_AUTH_TYPE is for a cloud that has
// neither one nor anything to sign in with: gophercloud never looks at the variable, and
// takes such a cloud for what its credentials say.
func (c *cloud) authType() (cloudconf.Value, error) {
	alone := *c
	alone.env = nil
	none := newOptions(nil)
	v, err := alone.values(none, "auth_type")
	if err != nil {
		return cloudconf.Value{}, err
	}
	if authType, ok := v["auth_type"]; ok {
		return authType, nil
	}
	credentials, err := alone.values(none, "password", "token", "application_credential_id", "application_credential_name")
	if err != nil {
		return cloudconf.Value{}, err
	}
	if authType, ok := c.env["auth_type"]; ok && len(credentials) == 0 {
		return authType, nil
	}
	if _, ok := c.top["protocol"]; ok && c.isEnv && len(credentials) == 0 {
		// As websso.AuthOptionsFromEnv has it.
		return cloudconf.Value{Text: cloudconf.AuthType, From: c.where}, nil
	}
	// openstack/config/defaults.json.
	return cloudconf.Value{Text: "password", From: c.where}, nil
}
