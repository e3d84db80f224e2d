package clouds_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/clouds"
)

// acme is a clouds.yaml with the cloud "acme", which has more, indented by four, as well.
func acme(more string) string {
	return "clouds:\n  acme:\n    auth_type: v3websso\n    auth_url: https://identity.example.com\n    protocol: openid\n" + more
}

func TestErrors(t *testing.T) {
	for name, test := range map[string]struct {
		clouds, secure, public string
		cloud                  string // "acme" where it is empty
		vars                   map[string]string
		says                   []string
	}{
		"not YAML":                     {clouds: "clouds: [", says: []string{"clouds.yaml", "not YAML"}},
		"not YAML in line 2":           {clouds: "clouds:\n\tacme:\n", says: []string{"clouds.yaml", "line 2"}},
		"binary":                       {clouds: "\x7fELF\x02\x01\x01\x00\x00\x00", says: []string{"clouds.yaml"}},
		"an archive":                   {clouds: "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03", says: []string{"clouds.yaml"}},
		"empty":                        {clouds: "", says: []string{"clouds.yaml", `"acme"`}},
		"only a comment":               {clouds: "# nothing\n", says: []string{"clouds.yaml", `"acme"`}},
		"a text":                       {clouds: "clouds", says: []string{"clouds.yaml", "mapping"}},
		"a list":                       {clouds: "- clouds", says: []string{"clouds.yaml", "mapping"}},
		"clouds is null":               {clouds: "clouds:\n", says: []string{"clouds.yaml", "none"}},
		"clouds is a list":             {clouds: "clouds:\n- acme\n", says: []string{"clouds.yaml: clouds", "mapping"}},
		"no such cloud":                {clouds: acme("") + "  other: {}\n", cloud: "nowhere", says: []string{"clouds.yaml", `"nowhere"`, `"acme", "other"`}},
		"another case":                 {clouds: acme(""), cloud: "Acme", says: []string{"clouds.yaml", `"Acme"`, `"acme"`}},
		"a hyphen for an underscore":   {clouds: "clouds: {a_b: {}}", cloud: "a-b", says: []string{`"a-b"`, `"a_b"`}},
		"a name with control sequence": {clouds: "clouds: {\"a\\e[2J\": {}}", says: []string{`\x1b`}},
		"cloud is a text":              {clouds: "clouds: {acme: v3websso}", says: []string{`clouds.yaml: cloud "acme"`, "mapping"}},
		"cloud is a list":              {clouds: "clouds: {acme: [v3websso]}", says: []string{`clouds.yaml: cloud "acme"`, "mapping"}},
		"auth is a text":               {clouds: acme("    auth: x\n"), says: []string{`clouds.yaml: cloud "acme": auth`, "mapping"}},
		"auth is a list":               {clouds: acme("    auth: [x]\n"), says: []string{`clouds.yaml: cloud "acme": auth`, "mapping"}},
		"auth_type is a list":          {clouds: "clouds: {acme: {auth_type: [v3websso]}}", says: []string{`clouds.yaml: cloud "acme": auth_type`}},
		"auth_url is a list":           {clouds: acme("    auth: {auth_url: [x]}\n"), says: []string{`clouds.yaml: cloud "acme": auth.auth_url`}},
		"protocol is a mapping":        {clouds: acme("    auth: {protocol: {openid: saml2}}\n"), says: []string{`clouds.yaml: cloud "acme": auth.protocol`}},
		"project is a list":            {clouds: acme("    project_name: [demo]\n"), says: []string{`clouds.yaml: cloud "acme": project_name`}},
		"interface is a list":          {clouds: acme("    interface: [public]\n"), says: []string{`clouds.yaml: cloud "acme": interface`}},
		"cacert is a list":             {clouds: acme("    cacert: [x]\n"), says: []string{`clouds.yaml: cloud "acme": cacert`}},
		"cacert is not there":          {clouds: acme("    cacert: /nowhere/ca.pem\n"), says: []string{`clouds.yaml: cloud "acme"`, "/nowhere/ca.pem"}},
		"cacert is no certificate":     {clouds: acme("    cacert: clouds.yaml\n"), says: []string{`clouds.yaml: cloud "acme"`, "CA Cert"}},
		"cert is not there":            {clouds: acme("    cert: /nowhere/c.pem\n    key: /nowhere/k.pem\n"), says: []string{`clouds.yaml: cloud "acme"`, "/nowhere/c.pem"}},
		"key without cert":             {clouds: acme("    key: /nowhere/k.pem\n"), says: []string{`clouds.yaml: cloud "acme"`, "cert is missing"}},
		"verify in quotes":             {clouds: acme("    verify: \"false\"\n"), says: []string{`clouds.yaml: cloud "acme": verify`, "true or false"}},
		"verify is a number":           {clouds: acme("    verify: 0\n"), says: []string{`clouds.yaml: cloud "acme": verify`}},
		"verify is a list":             {clouds: acme("    verify: [false]\n"), says: []string{`clouds.yaml: cloud "acme": verify`}},
		"insecure is a list":           {clouds: acme("    insecure: [true]\n"), says: []string{`clouds.yaml: cloud "acme": insecure`}},
		"port is a word":               {clouds: acme("    redirect_port: web\n"), says: []string{`clouds.yaml: cloud "acme": redirect_port`, "1 to 65535"}},
		"port is too large":            {clouds: acme("    auth: {redirect-port: 65536}\n"), says: []string{`clouds.yaml: cloud "acme": auth.redirect_port`}},
		"regions is a text":            {clouds: acme("    regions: north\n"), says: []string{`clouds.yaml: cloud "acme": regions`, "list"}},
		"regions is a mapping":         {clouds: acme("    regions: {north: {}}\n"), says: []string{`clouds.yaml: cloud "acme": regions`, "list"}},
		"a region of lists":            {clouds: acme("    regions: [[north]]\n"), says: []string{`clouds.yaml: cloud "acme": regions`}},
		"a region without name":        {clouds: acme("    regions: [{values: {}}]\n"), says: []string{`clouds.yaml: cloud "acme": regions`, "name"}},
		"a region of wrong values":     {clouds: acme("    regions: [{name: north, values: {auth: x}}]\n"), says: []string{`regions: "north": values: auth`}},
		"region_name is a mapping":     {clouds: acme("    region_name: {north: 1}\n"), says: []string{`clouds.yaml: cloud "acme": region_name`}},
		"profile is a list":            {clouds: acme("    profile: [x]\n"), says: []string{`clouds.yaml: cloud "acme": profile`}},
		"its own profile":              {clouds: "clouds: {acme: {auth_type: v3websso, profile: acme}}", says: []string{`clouds.yaml: cloud "acme"`, "auth_url", `profile "acme"`}},
		"profiles in a circle": {
			clouds: "clouds: {acme: {auth_type: v3websso, profile: a}}",
			public: "public-clouds: {a: {profile: b}, b: {profile: a}}", says: []string{`clouds.yaml: cloud "acme"`, "auth_url"},
		},
		"public clouds not YAML":   {clouds: acme("    profile: x\n"), public: "{", says: []string{"clouds-public.yaml", "not YAML"}},
		"public clouds is a list":  {clouds: acme("    profile: x\n"), public: "public-clouds: [x]", says: []string{"clouds-public.yaml: public-clouds"}},
		"a public cloud is a text": {clouds: acme("    profile: x\n"), public: "public-clouds: {x: y}", says: []string{`clouds-public.yaml: cloud "x"`}},
		"secure not YAML":          {clouds: acme(""), secure: "{", says: []string{"secure.yaml", "not YAML"}},
		"secure auth is a text":    {clouds: acme(""), secure: "clouds: {acme: {auth: x}}", says: []string{`secure.yaml: cloud "acme": auth`}},
		"no URL":                   {clouds: "clouds: {acme: {auth_type: v3websso, protocol: openid}}", says: []string{`clouds.yaml: cloud "acme"`, "auth_url"}},
		"null URL":                 {clouds: "clouds: {acme: {auth_type: v3websso, protocol: openid, auth_url: ~}}", says: []string{`clouds.yaml: cloud "acme"`, "auth_url"}},
		"no protocol":              {clouds: "clouds: {acme: {auth_type: v3websso, auth_url: 'https://x'}}", says: []string{`clouds.yaml: cloud "acme"`, "protocol"}},
		"project without domain":   {clouds: acme("    auth: {project_name: demo}\n"), says: []string{`clouds.yaml: cloud "acme": auth.project_name`, "project_domain_name"}},
		"trust and project":        {clouds: acme("    auth: {project_id: p, trust_id: t}\n"), says: []string{`auth.project_id`, `auth.trust_id`}},
		"trust in the environment": {clouds: acme("    auth: {project_id: p}\n"), vars: map[string]string{"OS_TRUST_ID": "t"}, says: []string{`auth.project_id`, `OS_TRUST_ID`}},
		"part of the system":       {clouds: acme("    auth: {system_scope: some}\n"), says: []string{`clouds.yaml: cloud "acme": auth.system_scope`, `"all"`}},
		"template without region":  {clouds: acme("    auth: {auth_url: 'https://{region_name}.x'}\n"), says: []string{`clouds.yaml: cloud "acme": auth.auth_url`, "region"}},
		"template of nothing":      {clouds: acme("    auth: {auth_url: 'https://{city}.x'}\n"), says: []string{`clouds.yaml: cloud "acme": auth.auth_url`}},
		"template without end":     {clouds: acme("    auth: {auth_url: 'https://{region_name'}\n    region_name: x\n"), says: []string{`clouds.yaml: cloud "acme": auth.auth_url`}},
		"region not in the list":   {clouds: acme("    regions: [north, south]\n"), vars: map[string]string{"OS_REGION_NAME": "west"}, says: []string{"OS_REGION_NAME", `"west"`, `"north", "south"`}},
		"other OS_AUTH_TYPE":       {clouds: acme(""), vars: map[string]string{"OS_AUTH_TYPE": "password"}, says: []string{"OS_AUTH_TYPE", `"password"`, `cloud "acme": auth_type`}},
		"an alias to nothing":      {clouds: "clouds: {acme: {password: *hunter2}}", says: []string{"clouds.yaml", "alias"}},
		"merges without end":       {clouds: "clouds: {acme: &a {<<: *a}}", says: []string{`clouds.yaml: cloud "acme"`, "merges"}},
		"a merge of a text":        {clouds: "clouds: {acme: {<<: x}}", says: []string{`clouds.yaml: cloud "acme"`, "mapping"}},
		"merges that grow":         {clouds: merges(12), says: []string{`clouds.yaml: cloud "acme"`, "merges"}},
		"too large":                {clouds: strings.Repeat("# padding\n", 1<<20), says: []string{"clouds.yaml", "larger"}},
		"too large, and a cloud":   {clouds: acme("") + strings.Repeat("x: y\n", 2<<20), says: []string{"clouds.yaml", "larger"}},
		"too deep":                 {clouds: strings.Repeat("[", 20_000), says: []string{"clouds.yaml"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := cleanEnv(t, test.vars)
			writeFile(t, filepath.Join(dir, "clouds.yaml"), test.clouds)
			if test.secure != "" {
				writeFile(t, filepath.Join(dir, "secure.yaml"), test.secure)
			}
			if test.public != "" {
				writeFile(t, filepath.Join(dir, "clouds-public.yaml"), test.public)
			}
			cloud := "acme"
			if test.cloud != "" {
				cloud = test.cloud
			}
			ao, eo, tlsConfig, err := clouds.Parse(clouds.WithCloudName(cloud))
			checkError(t, err, append(test.says, "websso: ")...)
			if !reflect.DeepEqual(ao, websso.AuthOptions{}) || !reflect.DeepEqual(eo, gophercloud.EndpointOpts{}) || tlsConfig != nil {
				t.Errorf("got %+v, %+v, %v beside the error", ao, eo, tlsConfig)
			}
			client, _, err := clouds.NewProviderClient(t.Context(), clouds.WithCloudName(cloud))
			checkError(t, err, append(test.says, "websso: ")...)
			if client != nil {
				t.Error("got a client beside the error")
			}
		})
	}
}

// merges is a cloud that merges ten of something that merges ten of something …
func merges(depth int) string {
	var b strings.Builder
	b.WriteString("l0: &l0 {a: b}\n")
	for i := range depth {
		fmt.Fprintf(&b, "l%d: &l%d {<<: [%s]}\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*l%d,", i), 10), ","))
	}
	fmt.Fprintf(&b, "clouds: {acme: *l%d}\n", depth)
	return b.String()
}

func checkError(t *testing.T, err error, says ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	text := err.Error()
	for _, want := range says {
		if !strings.Contains(text, want) {
			t.Errorf("%q does not say %q", text, want)
		}
	}
	if strings.Contains(text, "hunter2") {
		t.Errorf("%q tells a secret", text)
	}
	if len(text) > 4096 {
		t.Errorf("an error of %d bytes", len(text))
	}
	for _, r := range text {
		if r < ' ' {
			t.Errorf("%q has a control character", text)
			break
		}
	}
}

// TestNoSecretInErrors breaks a file with a password in many places.
func TestNoSecretInErrors(t *testing.T) {
	cleanEnv(t, nil)
	const file = "clouds:\n  acme:\n    auth:\n      auth_url: https://identity.invalid\n      username: u\n      password: hunter2\n      user_domain_name: d\n      token: hunter2\n"
	for i := range len(file) {
		for _, junk := range []string{"[", "{", "*", "&", "!", "%", "@", "`", "\t", "\x00", "\xff", ": ", "- ", "\"", "'", "|"} {
			broken := file[:i] + junk + file[i:]
			_, _, _, err := clouds.Parse(clouds.WithCloudsYAML(strings.NewReader(broken)), clouds.WithCloudName("acme"))
			if err == nil {
				t.Fatalf("no error for %q", broken)
			}
			if strings.Contains(err.Error(), "hunter") {
				t.Fatalf("%q tells a secret", err)
			}
		}
	}
}

func TestErrAuthType(t *testing.T) {
	for _, authType := range []string{"password", "v3applicationcredential", "v3token", "V3WebSSO", "none", "\x1b[2J"} {
		t.Run(authType, func(t *testing.T) {
			cleanEnv(t, nil)
			file := fmt.Sprintf("clouds: {acme: {auth_type: %q, auth_url: 'https://x', protocol: openid}}", authType)
			_, _, _, err := clouds.Parse(clouds.WithCloudsYAML(strings.NewReader(file)), clouds.WithCloudName("acme"))
			if !errors.Is(err, clouds.ErrAuthType) {
				t.Errorf("got %v", err)
			}
			checkError(t, err, fmt.Sprintf("%q", authType), "clouds.yaml", `"acme"`)
		})
	}
	t.Run("none said", func(t *testing.T) {
		cleanEnv(t, nil)
		_, _, _, err := clouds.Parse(clouds.WithCloudsYAML(strings.NewReader("clouds: {acme: {}}")), clouds.WithCloudName("acme"))
		if !errors.Is(err, clouds.ErrAuthType) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("environment", func(t *testing.T) {
		cleanEnv(t, map[string]string{"OS_AUTH_TYPE": "password", "OS_AUTH_URL": "https://x", "OS_PASSWORD": "hunter2"})
		_, _, _, err := clouds.Parse()
		if !errors.Is(err, clouds.ErrAuthType) {
			t.Errorf("got %v", err)
		}
		checkError(t, err, "OS_AUTH_TYPE", `"password"`)
	})
	t.Run("a cloud without one takes the variable's", func(t *testing.T) {
		cleanEnv(t, map[string]string{"OS_AUTH_TYPE": "v3websso"})
		file := "clouds: {acme: {auth_url: 'https://x', protocol: openid}}"
		if _, err := parse(clouds.WithCloudsYAML(strings.NewReader(file)), clouds.WithCloudName("acme")); err != nil {
			t.Error(err)
		}
	})
	t.Run("a cloud with a password does not", func(t *testing.T) {
		cleanEnv(t, map[string]string{"OS_AUTH_TYPE": "v3websso"})
		file := "clouds: {acme: {auth: {auth_url: 'https://x', protocol: openid, password: p}}}"
		if _, err := parse(clouds.WithCloudsYAML(strings.NewReader(file)), clouds.WithCloudName("acme")); !errors.Is(err, clouds.ErrAuthType) {
			t.Errorf("got %v", err)
		}
	})
}

// at is a clouds.yaml with one cloud, recognisable by its URL.
func at(host string) string {
	return fmt.Sprintf("clouds: {acme: {auth_type: v3websso, auth_url: 'https://%s', protocol: openid}}", host)
}

func TestSearchPath(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the folders are Linux's")
	}
	for name, test := range map[string]struct {
		files map[string]string // paths to hosts
		vars  map[string]string // $DIR is where the files are
		want  string            // the host; "" for an error
	}{
		"nothing":                           {},
		"current directory":                 {files: map[string]string{"clouds.yaml": "cwd", ".config/openstack/clouds.yaml": "home"}, want: "cwd"},
		"clouds.yml":                        {files: map[string]string{"clouds.yml": "yml", ".config/openstack/clouds.yaml": "home"}, want: "yml"},
		"clouds.yaml before clouds.yml":     {files: map[string]string{"clouds.yml": "yml", "clouds.yaml": "yaml"}, want: "yaml"},
		"clouds.json":                       {files: map[string]string{"clouds.json": "json"}, want: "json"},
		"home":                              {files: map[string]string{".config/openstack/clouds.yaml": "home"}, want: "home"},
		"clouds.yml at home":                {files: map[string]string{".config/openstack/clouds.yml": "home"}, want: "home"},
		"XDG before home":                   {files: map[string]string{"xdg/openstack/clouds.yaml": "xdg", ".config/openstack/clouds.yaml": "home"}, vars: map[string]string{"XDG_CONFIG_HOME": "$DIR/xdg"}, want: "xdg"},
		"home after XDG":                    {files: map[string]string{".config/openstack/clouds.yaml": "home"}, vars: map[string]string{"XDG_CONFIG_HOME": "$DIR/xdg"}, want: "home"},
		"site":                              {files: map[string]string{"site/openstack/clouds.yaml": "site"}, vars: map[string]string{"XDG_CONFIG_DIRS": "$DIR/site"}, want: "site"},
		"OS_CLIENT_CONFIG_FILE first":       {files: map[string]string{"mine.yaml": "mine", "clouds.yaml": "cwd"}, vars: map[string]string{"OS_CLIENT_CONFIG_FILE": "$DIR/mine.yaml"}, want: "mine"},
		"OS_CLIENT_CONFIG_FILE, no suffix":  {files: map[string]string{"mine": "mine"}, vars: map[string]string{"OS_CLIENT_CONFIG_FILE": "mine"}, want: "mine"},
		"OS_CLIENT_CONFIG_FILE not there":   {files: map[string]string{"clouds.yaml": "cwd"}, vars: map[string]string{"OS_CLIENT_CONFIG_FILE": "$DIR/mine.yaml"}, want: "cwd"},
		"not below the home folder itself":  {files: map[string]string{"openstack/clouds.yaml": "home"}},
		"not another name":                  {files: map[string]string{"cloud.yaml": "cwd", "clouds.yaml.bak": "cwd"}},
		"secure.yaml alone is a cloud, too": {files: map[string]string{"secure.yaml": "secure"}, want: "secure"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := cleanEnv(t, nil)
			for name, value := range test.vars {
				t.Setenv(name, strings.ReplaceAll(value, "$DIR", dir))
			}
			for path, host := range test.files {
				writeFile(t, filepath.Join(dir, path), at(host))
			}
			got, err := parse(clouds.WithCloudName("acme"))
			if test.want == "" {
				checkError(t, err, `"acme"`, filepath.Join(dir, "clouds.yaml"), "/etc/openstack/clouds.yaml")
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got.AuthURL != "https://"+test.want {
				t.Errorf("got %s, want %s", got.AuthURL, test.want)
			}
		})
	}
}

func TestUnreadable(t *testing.T) {
	dir := cleanEnv(t, nil)
	if err := os.Mkdir("clouds.yaml", 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := parse(clouds.WithCloudName("acme"))
	checkError(t, err, filepath.Join(dir, "clouds.yaml"))

	if os.Geteuid() == 0 || runtime.GOOS == "windows" {
		return // may read anything
	}
	if err := os.Remove("clouds.yaml"); err != nil {
		t.Fatal(err)
	}
	writeFile(t, "clouds.yaml", at("cwd"))
	if err := os.Chmod("clouds.yaml", 0); err != nil {
		t.Fatal(err)
	}
	_, err = parse(clouds.WithCloudName("acme"))
	checkError(t, err, filepath.Join(dir, "clouds.yaml"), "permission")
	writeFile(t, ".config/openstack/clouds.yaml", at("home"))
	if got, err := parse(clouds.WithCloudName("acme")); err != nil || got.AuthURL != "https://home" {
		t.Errorf("got %s, %v", got.AuthURL, err)
	}
}

func TestSecure(t *testing.T) {
	secure := func(provider string) string {
		return fmt.Sprintf("clouds: {acme: {identity_provider: %s}}", provider)
	}
	for name, test := range map[string]struct {
		files map[string]string
		vars  map[string]string
		opts  []clouds.ParseOption
		want  string
	}{
		"none":                          {files: map[string]string{"clouds.yaml": at("x")}},
		"beside":                        {files: map[string]string{"clouds.yaml": at("x"), "secure.yaml": secure("beside")}, want: "beside"},
		"secure.yml":                    {files: map[string]string{"clouds.yaml": at("x"), "secure.yml": secure("yml")}, want: "yml"},
		"elsewhere":                     {files: map[string]string{"clouds.yaml": at("x"), ".config/openstack/secure.yaml": secure("home")}, want: "home"},
		"beside before elsewhere":       {files: map[string]string{".config/openstack/clouds.yaml": at("x"), ".config/openstack/secure.yaml": secure("home"), "secure.yaml": secure("cwd")}, want: "home"},
		"OS_CLIENT_SECURE_FILE":         {files: map[string]string{"clouds.yaml": at("x"), "secure.yaml": secure("beside"), "mine": secure("mine")}, vars: map[string]string{"OS_CLIENT_SECURE_FILE": "mine"}, want: "mine"},
		"beside OS_CLIENT_CONFIG_FILE":  {files: map[string]string{"a/mine": at("x"), "a/secure.yaml": secure("a")}, vars: map[string]string{"OS_CLIENT_CONFIG_FILE": "a/mine"}, want: "a"},
		"beside WithLocations":          {files: map[string]string{"a/mine": at("x"), "a/secure.yaml": secure("a")}, opts: []clouds.ParseOption{clouds.WithLocations("none", "a/mine")}, want: "a"},
		"elsewhere, with WithLocations": {files: map[string]string{"a/mine": at("x"), "secure.yaml": secure("cwd")}, opts: []clouds.ParseOption{clouds.WithLocations("a/mine")}},
		"WithCloudsYAML":                {files: map[string]string{"clouds.yaml": at("y"), "secure.yaml": secure("cwd")}, opts: []clouds.ParseOption{clouds.WithCloudsYAML(strings.NewReader(at("x")))}},
		"WithSecureYAML":                {files: map[string]string{"clouds.yaml": at("x"), "secure.yaml": secure("cwd")}, opts: []clouds.ParseOption{clouds.WithSecureYAML(strings.NewReader(secure("reader")))}, want: "reader"},
		"another cloud's":               {files: map[string]string{"clouds.yaml": at("x"), "secure.yaml": "clouds: {other: {identity_provider: x}}"}},
		"empty":                         {files: map[string]string{"clouds.yaml": at("x"), "secure.yaml": ""}},
		"null":                          {files: map[string]string{"clouds.yaml": at("x"), "secure.yaml": "clouds: {acme: }"}},
	} {
		t.Run(name, func(t *testing.T) {
			cleanEnv(t, test.vars)
			for path, text := range test.files {
				writeFile(t, path, text)
			}
			got, err := parse(append(test.opts, clouds.WithCloudName("acme"))...)
			if err != nil {
				t.Fatal(err)
			}
			if got.IdentityProvider != test.want || got.AuthURL != "https://x" {
				t.Errorf("got %s at %s, want %s", got.IdentityProvider, got.AuthURL, test.want)
			}
		})
	}
}

func TestWhichCloud(t *testing.T) {
	two := "clouds: {a: {auth_type: v3websso, auth_url: 'https://a', protocol: openid}, b: {auth_type: v3websso, auth_url: 'https://b', protocol: openid}}"
	env := map[string]string{"OS_AUTH_TYPE": "v3websso", "OS_AUTH_URL": "https://env", "OS_PROTOCOL": "openid"}
	with := func(more ...string) map[string]string {
		vars := map[string]string{}
		for k, v := range env {
			vars[k] = v
		}
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
		"a name that is not there":     {file: two, vars: with("OS_CLOUD", "c"), says: []string{`"c"`, `"a", "b"`}},
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
			if err != nil {
				t.Fatal(err)
			}
			if got.AuthURL != "https://"+test.want {
				t.Errorf("got %s, want %s", got.AuthURL, test.want)
			}
		})
	}
}

func TestOptions(t *testing.T) {
	file := acme(`    identity_provider: acme
    region_name: north
    interface: internal
    regions: [north, south]
    verify: false
    auth: {project_name: demo, project_domain_name: Default}
`)
	demo := &gophercloud.AuthScope{ProjectName: "demo", DomainName: "Default"}
	base := meaning{
		AuthURL: "https://identity.example.com", IdentityProvider: "acme", Protocol: "openid",
		Scope: demo, Region: "north", Interface: "internal", Unverified: true,
	}
	pem := newAuthority(t)
	for name, test := range map[string]struct {
		opts []clouds.ParseOption
		want func(*meaning)
	}{
		"none":             {nil, func(*meaning) {}},
		"empty texts":      {[]clouds.ParseOption{clouds.WithRegion(""), clouds.WithProjectID(""), clouds.WithIdentityEndpoint(""), clouds.WithScope(nil)}, func(*meaning) {}},
		"URL":              {[]clouds.ParseOption{clouds.WithIdentityEndpoint("https://x")}, func(m *meaning) { m.AuthURL = "https://x" }},
		"region":           {[]clouds.ParseOption{clouds.WithRegion("south")}, func(m *meaning) { m.Region = "south" }},
		"endpoint type":    {[]clouds.ParseOption{clouds.WithEndpointType("admin")}, func(m *meaning) { m.Interface = "admin" }},
		"project":          {[]clouds.ParseOption{clouds.WithProjectName("x")}, func(m *meaning) { m.Scope = &gophercloud.AuthScope{ProjectName: "x", DomainName: "Default"} }},
		"project id":       {[]clouds.ParseOption{clouds.WithProjectID("x")}, func(m *meaning) { m.Scope = &gophercloud.AuthScope{ProjectID: "x"} }},
		"scope":            {[]clouds.ParseOption{clouds.WithScope(&gophercloud.AuthScope{System: true})}, func(m *meaning) { m.Scope = &gophercloud.AuthScope{System: true} }},
		"no scope":         {[]clouds.ParseOption{clouds.WithScope(&gophercloud.AuthScope{})}, func(m *meaning) { m.Scope = &gophercloud.AuthScope{} }},
		"verified":         {[]clouds.ParseOption{clouds.WithInsecure(false)}, func(m *meaning) { m.Unverified = false }},
		"authority":        {[]clouds.ParseOption{clouds.WithInsecure(false), clouds.WithCACertPath("ca.pem")}, func(m *meaning) { m.Unverified, m.CACert = false, true }},
		"certificate":      {[]clouds.ParseOption{clouds.WithClientCertPath("cert.pem"), clouds.WithClientKeyPath("key.pem")}, func(m *meaning) { m.Cert = true }},
		"users are no use": {[]clouds.ParseOption{clouds.WithUsername("x"), clouds.WithUserID("x"), clouds.WithPassword("x"), clouds.WithToken("x"), clouds.WithApplicationCredentialID("x"), clouds.WithApplicationCredentialName("x"), clouds.WithApplicationCredentialSecret("x")}, func(*meaning) {}},
		"auth options": {[]clouds.ParseOption{
			clouds.WithAuthOptions(func(ao *websso.AuthOptions) { ao.Protocol, ao.RedirectPort = ao.Protocol+"2", 1 }),
			clouds.WithAuthOptions(func(ao *websso.AuthOptions) { ao.RedirectPort++; ao.Scope = nil }),
		}, func(m *meaning) { m.Protocol, m.RedirectPort, m.Scope = "openid2", 2, nil }},
	} {
		t.Run(name, func(t *testing.T) {
			// Options stand over variables.
			for _, vars := range []map[string]string{nil, {"OS_CLOUD": "other"}} {
				dir := cleanEnv(t, vars)
				pem.write(t, dir)
				writeFile(t, "clouds.yaml", file)
				want := base
				test.want(&want)
				got, err := parse(append(test.opts, clouds.WithCloudName("acme"))...)
				if err != nil {
					t.Fatal(err)
				}
				if !reflect.DeepEqual(got, want) {
					t.Errorf("got  %s\nwant %s", show(got), show(want))
				}
			}
		})
	}
	t.Run("over the environment", func(t *testing.T) {
		cleanEnv(t, map[string]string{"OS_AUTH_URL": "https://env", "OS_REGION_NAME": "south", "OS_INTERFACE": "public", "OS_PROJECT_ID": "env"})
		got, err := parse(clouds.WithCloudsYAML(strings.NewReader(file)), clouds.WithCloudName("acme"),
			clouds.WithIdentityEndpoint("https://x"), clouds.WithRegion("north"), clouds.WithEndpointType("admin"), clouds.WithProjectID("x"))
		want := base
		want.AuthURL, want.Interface, want.Scope = "https://x", "admin", &gophercloud.AuthScope{ProjectID: "x"}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %s, %v", show(got), err)
		}
	})
	t.Run("a scope of one's own mends the file's", func(t *testing.T) {
		cleanEnv(t, nil)
		got, err := parse(clouds.WithCloudsYAML(strings.NewReader(acme("    auth: {project_name: x, trust_id: y}\n"))), clouds.WithCloudName("acme"),
			clouds.WithScope(&gophercloud.AuthScope{ProjectID: "p"}))
		if err != nil || !reflect.DeepEqual(got.Scope, &gophercloud.AuthScope{ProjectID: "p"}) {
			t.Errorf("got %+v, %v", got.Scope, err)
		}
	})
	t.Run("a region that is not there", func(t *testing.T) {
		cleanEnv(t, nil)
		_, err := parse(clouds.WithCloudsYAML(strings.NewReader(file)), clouds.WithCloudName("acme"), clouds.WithRegion("west"))
		checkError(t, err, "WithRegion", `"west"`)
	})
	t.Run("public locations", func(t *testing.T) {
		cleanEnv(t, nil)
		writeFile(t, "p/public", "public-clouds: {x: {identity_provider: public}}")
		yaml := acme("    profile: x\n")
		got, err := parse(clouds.WithCloudsYAML(strings.NewReader(yaml)), clouds.WithCloudName("acme"), clouds.WithPublicLocations("nowhere", "p/public"))
		if err != nil || got.IdentityProvider != "public" {
			t.Errorf("got %s, %v", show(got), err)
		}
		got, err = parse(clouds.WithCloudsYAML(strings.NewReader(yaml)), clouds.WithCloudName("acme"),
			clouds.WithCloudsPublicYAML(strings.NewReader("public-clouds: {x: {identity_provider: reader}}")))
		if err != nil || got.IdentityProvider != "reader" {
			t.Errorf("got %s, %v", show(got), err)
		}
	})
	t.Run("the caller's scope is not shared", func(t *testing.T) {
		cleanEnv(t, nil)
		scope := &gophercloud.AuthScope{ProjectID: "p"}
		_, err := parse(clouds.WithCloudsYAML(strings.NewReader(file)), clouds.WithCloudName("acme"), clouds.WithScope(scope),
			clouds.WithAuthOptions(func(ao *websso.AuthOptions) { ao.Scope.ProjectID = "q" }))
		if err != nil || scope.ProjectID != "p" {
			t.Errorf("got %+v, %v", scope, err)
		}
	})
}

// FuzzParse: whatever the files hold, there is a cloud or an error that says websso.
func FuzzParse(f *testing.F) {
	for _, path := range []string{"testdata/operators.yaml", "testdata/rules.yaml", "testdata/clouds-public.yaml", "testdata/secure.yaml"} {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text, text, text)
	}
	f.Add([]byte(acme("    profile: x\n    regions: [{name: n, values: {auth: {}}}]\n    verify: no\n")), []byte("clouds: {acme: {}}"), []byte("public-clouds: {x: {auth: {auth_url: '{region_name}'}}}"))
	f.Add([]byte("clouds: {acme: &a {<<: [*a, *a], auth: *a}}"), []byte("{"), []byte("\xff\xfe"))
	f.Add([]byte("clouds: {acme: {auth: {auth_url: x, username: u, password: \"\\x7f\"}}}"), []byte(""), []byte("---\n---\n"))
	f.Fuzz(func(t *testing.T, file, secure, public []byte) {
		for _, text := range [][]byte{file, secure, public} {
			if strings.Contains(string(text), "/dev/") {
				t.Skip("a certificate without end")
			}
		}
		ao, _, tlsConfig, err := clouds.Parse(
			clouds.WithCloudsYAML(strings.NewReader(string(file))),
			clouds.WithSecureYAML(strings.NewReader(string(secure))),
			clouds.WithCloudsPublicYAML(strings.NewReader(string(public))),
			clouds.WithCloudName("acme"))
		switch {
		case err != nil && !strings.HasPrefix(err.Error(), "websso: "):
			t.Errorf("an error without a name: %v", err)
		case err == nil && (ao.IdentityEndpoint == "" || ao.Protocol == "" || tlsConfig == nil):
			t.Errorf("neither a cloud nor an error: %+v", ao)
		}
	})
}
