package clouds

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"go.yaml.in/yaml/v3"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/internal/cloudconf"
)

// cloud holds what all sources say about one cloud.
type cloud struct {
	layer            // all that the files say
	options *options // which override that, as variables do
	env     cloudconf.Values

	name  string           // in the file; "" if no file describes the cloud
	where cloudconf.Origin // of the whole cloud, for messages
	isEnv bool             // the environment describes the cloud; no file does

	own       []layer // of the clouds.yaml and the secure.yaml
	profile   layer
	noProfile string // that the cloud names and no file has

	belowFirst bool // any key below auth takes precedence, as for gophercloud

	regions []region
	listed  bool // the cloud has no other regions
}

// parsed is a cloud that can be signed in to.
type parsed struct {
	url      string
	endpoint gophercloud.EndpointOpts
	tls      *tls.Config
	websso   websso.AuthOptions // if the auth_type is v3websso
	signIn   func(context.Context, *gophercloud.ProviderClient) error
}

// note is what a message about a missing key ends with.
func (c *cloud) note() string {
	if c.noProfile == "" {
		return ""
	}
	return fmt.Sprintf(" (no clouds-public.yaml has its profile %s)", quote(c.noProfile))
}

// lookup returns the value of key: the one that the program sets, or else that of the
// variable, or else that of the files. It is zero if there is none.
func (c *cloud) lookup(key cloudconf.Key) (cloudconf.Value, error) {
	if value := cmp.Or(c.options.set[key.Name], c.env[key.Name]); value.Text != "" {
		return value, nil
	}
	return c.inFiles(key)
}

// inFiles returns the value of key in the files, whatever else sets it.
func (c *cloud) inFiles(key cloudconf.Key) (cloudconf.Value, error) {
	all := c.nodes(key, c.belowFirst)
	if len(all) == 0 {
		return cloudconf.Value{}, nil
	}
	n := all[0]
	if key.List && n.Kind == yaml.SequenceNode {
		if len(n.Content) == 0 {
			return cloudconf.Value{}, nil
		}
		n.Node = resolve(n.Content[0])
	}
	text, err := n.text()
	return cloudconf.Value{Text: text, From: n.from}, err
}

// values returns the value of each of the keys that is set.
func values(keys []cloudconf.Key, lookup func(cloudconf.Key) (cloudconf.Value, error)) (cloudconf.Values, error) {
	all := make(cloudconf.Values)
	for _, key := range keys {
		if key.Name == "regions" { // is no text
			continue
		}
		value, err := lookup(key)
		if err != nil {
			return nil, err
		}
		if value.Text != "" {
			all[key.Name] = value
		}
	}
	return all, nil
}

// inRegion returns the cloud as it is in the requested region, or in its first, and which.
func (c *cloud) inRegion() (*cloud, cloudconf.Value, error) {
	asked := cmp.Or(c.options.set["region_name"], c.env["region_name"])
	ok := asked.Text != ""
	if !ok && len(c.regions) == 0 {
		n := c.top["region_name"] // from the environment
		return c, cloudconf.Value{Text: n.scalar(), From: n.from}, nil
	}
	var names []string
	for _, r := range c.regions {
		if !ok || r.name.Text == asked.Text {
			in := *c
			in.layer = r.values.over(c.layer)
			return &in, r.name, nil
		}
		names = append(names, r.name.Text)
	}
	if c.listed {
		return nil, asked, fmt.Errorf("websso: %s asks for region %s, but %s has only %s", asked.From, quote(asked.Text), c.where, quoted(names))
	}
	return c, asked, nil
}

// expand replaces each {key} in an auth_url, such as {region_name}, with the value of
// that key beside auth (openstack/config/loader.py, magic_fixes).
func (c *cloud) expand(url cloudconf.Value, regionName string) (string, error) {
	// Far longer than any URL, and short enough for templates that repeat a long value.
	const maxURL = 64 << 10
	var b strings.Builder
	for rest := url.Text; ; {
		before, after, more := strings.Cut(rest, "{")
		b.WriteString(before)
		if !more {
			return b.String(), nil
		}
		key, after, closed := strings.Cut(after, "}")
		value := regionName
		if key != "region_name" {
			value = c.top[key].scalar()
		}
		switch {
		case closed && key == "region_name" && value == "":
			return "", fmt.Errorf("websso: %s needs a region: set region_name or OS_REGION_NAME", url.From)
		case !closed || value == "":
			return "", fmt.Errorf("websso: %s has a { that is not followed by a key of the cloud and a }", url.From)
		}
		b.WriteString(value)
		if b.Len() > maxURL {
			return "", fmt.Errorf("websso: %s is too long with the values of its keys in braces", url.From)
		}
		rest = after
	}
}

// names returns what a setting is called where it is set, or, if it is not, where it can
// be set.
func (c *cloud) names(name cloudconf.Name) (own, place string) {
	key, ok := cloudconf.Find(string(name))
	if !ok {
		return "", ""
	}
	switch value, _ := c.lookup(key); {
	case value.Text != "":
		return value.From.Parts()
	case c.isEnv && len(key.Variables) > 0:
		return c.options.called(key.Variables[0]), ""
	}
	return c.where.Key(key.Name).Parts()
}
