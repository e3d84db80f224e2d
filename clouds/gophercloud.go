package clouds

import (
	"bytes"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"unicode/utf8"

	"github.com/gophercloud/gophercloud/v2"
	gophercloudclouds "github.com/gophercloud/gophercloud/v2/openstack/config/clouds"
	"go.yaml.in/yaml/v3"

	"github.com/gophercloud-websso/websso/internal/cloudconf"
)

// parseWithGophercloud passes the settings that gophercloud knows to its parser, in a
// clouds.yaml that has each key where gophercloud looks for it and nothing that it
// can't read.
func parseWithGophercloud(where string, auth, top cloudconf.Values, opts []gophercloudclouds.ParseOption) (gophercloud.AuthOptions, gophercloud.EndpointOpts, *tls.Config, error) {
	text, err := cloudsYAML("cloud", auth, top)
	if err != nil {
		return gophercloud.AuthOptions{}, gophercloud.EndpointOpts{}, nil, fmt.Errorf("websso: %s: %w", where, err)
	}
	opts = append([]gophercloudclouds.ParseOption{
		gophercloudclouds.WithCloudsYAML(bytes.NewReader(text)),
		gophercloudclouds.WithCloudName("cloud"),
	}, opts...)
	ao, eo, tlsConfig, err := gophercloudclouds.Parse(opts...)
	if err != nil {
		return gophercloud.AuthOptions{}, gophercloud.EndpointOpts{}, nil, fmt.Errorf("websso: %s: %w", where, short(err))
	}
	return ao, eo, tlsConfig, nil
}

// cloudsYAML returns a clouds.yaml with one cloud.
func cloudsYAML(name string, auth, top cloudconf.Values) ([]byte, error) {
	entry := make(map[string]any)
	for key, value := range top {
		entry[key] = yamlText(value.Text)
	}
	if verify, ok := top["verify"]; ok {
		entry["verify"] = verify.Text == "true" // gophercloud decodes a boolean here
	}
	below := make(map[string]*yaml.Node)
	for key, value := range auth {
		below[key] = yamlText(value.Text)
	}
	// Without auth, even an empty one, gophercloud's parser panics.
	entry["auth"] = below
	return yaml.Marshal(map[string]any{"clouds": map[string]any{name: entry}})
}

// yamlText returns text as a scalar that every YAML parser reads back as it was.
// Left to itself, yaml.Marshal writes some texts (a tab, then a line break) in a style
// that parsers refuse. YAML is UTF-8, so other bytes have to be encoded.
func yamlText(text string) *yaml.Node {
	if !utf8.ValidString(text) {
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!binary", Style: yaml.TaggedStyle, Value: base64.StdEncoding.EncodeToString([]byte(text))}
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.DoubleQuotedStyle, Value: text}
}
