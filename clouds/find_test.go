package clouds_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso/clouds"
)

func TestWhichCloud(t *testing.T) {
	two := "clouds: {a: {auth_type: v3websso, auth_url: 'https://a', protocol: openid}, b: {auth_type: v3websso, auth_url: 'https://b', protocol: openid}}"
	env := map[string]string{"OS_AUTH_TYPE": "v3websso", "OS_AUTH_URL": "https://env", "OS_PROTOCOL": "openid"}
	with := func(more ...string) map[string]string {
		vars := maps.Clone(env)
		for i := 0; i < len(more); i += 2 {
			vars[more[i]] = more[i+1]
		}
		return vars
	}
	for name, test := range map[string]struct {
		file string
		vars map[string]string
		opts []clouds.ParseOption
		want string
		says []string
	}{
		"OS_CLOUD":                     {file: two, vars: map[string]string{"OS_CLOUD": "b"}, want: "b"},
		"WithCloudName":                {file: two, vars: map[string]string{"OS_CLOUD": "b"}, opts: []clouds.ParseOption{clouds.WithCloudName("a")}, want: "a"},
		"the environment":              {file: two, vars: env, want: "env"},
		"the environment alone":        {vars: env, want: "env"},
		"the only one":                 {file: at("only"), want: "only"},
		"the only one, other settings": {file: at("only"), vars: map[string]string{"OS_INTERFACE": "admin", "OS_USERNAME": "u"}, want: "only"},
		"no name, two clouds":          {file: two, says: []string{"OS_CLOUD", `"a", "b"`, "clouds.yaml"}},
		"no name, no clouds":           {file: "clouds: {}", says: []string{"OS_CLOUD", "clouds.yaml"}},
		"no name, no file":             {says: []string{"OS_CLOUD", "OS_AUTH_URL", "clouds.yaml"}},
		"a name, no file":              {vars: map[string]string{"OS_CLOUD": "a"}, says: []string{`"a"`, "clouds.yaml"}},
		"an unknown name":              {file: two, vars: with("OS_CLOUD", "c"), says: []string{`"c"`, `"a", "b"`}},
		"environment without URL":      {file: two, vars: with("OS_AUTH_URL", ""), says: []string{"OS_AUTH_URL"}},
		"environment without protocol": {vars: with("OS_PROTOCOL", ""), says: []string{"OS_PROTOCOL"}},
		"environment, wrong port":      {vars: with("OS_REDIRECT_PORT", "x"), says: []string{"OS_REDIRECT_PORT"}},
		"environment, wrong scope":     {vars: with("OS_PROJECT_NAME", "p"), says: []string{"OS_PROJECT_NAME"}},
		"environment, no such file":    {vars: with("OS_CACERT", "/nowhere/ca.pem"), says: []string{"/nowhere/ca.pem"}},
		"environment, a broken file":   {file: "{", vars: env, want: "env"},
		"WithLocations, nothing there": {opts: []clouds.ParseOption{clouds.WithLocations("x/c.yaml", "y/c.yaml"), clouds.WithCloudName("a")}, says: []string{"x/c.yaml", "y/c.yaml"}},
		"no auth type, a protocol":     {vars: with("OS_AUTH_TYPE", ""), want: "env"},
		"no auth type, a password":     {vars: with("OS_AUTH_TYPE", "", "OS_PASSWORD", "hunter2"), says: []string{"auth_type"}},
		"an empty name":                {file: two, vars: with("OS_CLOUD", "a"), opts: []clouds.ParseOption{clouds.WithCloudName("")}, want: "env"},
	} {
		t.Run(name, func(t *testing.T) {
			cleanEnv(t, test.vars)
			if test.file != "" {
				writeFile(t, "clouds.yaml", test.file)
			}
			got, err := parse(test.opts...)
			if test.want == "" {
				checkError(t, err, append(test.says, "websso: ")...)
				return
			}
			must(t, err)
			if got.AuthURL != "https://"+test.want {
				t.Errorf("got %s, want %s", got.AuthURL, test.want)
			}
		})
	}
}

// TestMergedKeys has a cloud merge another and replace some of its keys, as a whole.
func TestMergedKeys(t *testing.T) {
	cleanEnv(t, nil)
	const file = `
clouds:
  lab: &lab
    auth_type: v3websso
    auth: {auth_url: https://lab.example, protocol: openid, project_id: secret, username: alice}
    region_name: north
    interface: internal
  prod:
    <<: *lab
    auth: {auth_url: https://prod.example, protocol: openid}
    region_name: null
`
	got, err := parse(clouds.WithCloudName("prod"), clouds.WithCloudsYAML(strings.NewReader(file)))
	if want := (meaning{AuthURL: "https://prod.example", Protocol: "openid", Interface: "internal"}); err != nil || got != want {
		t.Errorf("got %s, %v, want %s", show(got), err, show(want))
	}
}
