package clouds_test

import (
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/clouds"
)

// acme returns a clouds.yaml with the cloud "acme". more is added to its keys and has
// to be indented by four spaces.
func acme(more string) string {
	return "clouds:\n  acme:\n    auth_type: v3websso\n    auth_url: https://identity.example.com\n    protocol: openid\n" + more
}

func TestErrors(t *testing.T) {
	for name, test := range map[string]struct {
		clouds, secure, public string
		cloud                  string // empty: "acme"
		vars                   map[string]string
		says                   []string
	}{
		"not valid YAML":               {clouds: "clouds: [", says: []string{"clouds.yaml", "not valid YAML"}},
		"not YAML in line 2":           {clouds: "clouds:\n\tacme:\n", says: []string{"clouds.yaml", "line 2"}},
		"binary":                       {clouds: "\x7fELF\x02\x01\x01\x00\x00\x00", says: []string{"clouds.yaml"}},
		"empty":                        {clouds: "", says: []string{"clouds.yaml", `"acme"`}},
		"only a comment":               {clouds: "# nothing\n", says: []string{"clouds.yaml", `"acme"`}},
		"a text":                       {clouds: "clouds", says: []string{"clouds.yaml", "mapping"}},
		"clouds is null":               {clouds: "clouds:\n", says: []string{"clouds.yaml", "none"}},
		"clouds is a list":             {clouds: "clouds:\n- acme\n", says: []string{"clouds.yaml: clouds", "mapping"}},
		"cloud for clouds":             {clouds: "cloud: {acme: {}}", says: []string{"clouds.yaml has the key cloud, but it must be clouds"}},
		"no auth_type":                 {clouds: "clouds: {acme: {auth_url: 'https://x', identity_provider: i, protocol: openid}}", says: []string{`auth_type of cloud "acme" in `, "is not set: set it to v3websso"}},
		"no such cloud":                {clouds: acme("") + "  other: {}\n", cloud: "nowhere", says: []string{"clouds.yaml", `"nowhere"`, `"acme", "other"`}},
		"another case":                 {clouds: acme(""), cloud: "Acme", says: []string{"clouds.yaml", `"Acme"`, `"acme"`}},
		"a hyphen for an underscore":   {clouds: "clouds: {a_b: {}}", cloud: "a-b", says: []string{`"a-b"`, `"a_b"`}},
		"a name with control sequence": {clouds: "clouds: {\"a\\e[2J\": {}}", says: []string{`\x1b`}},
		"cloud is a text":              {clouds: "clouds: {acme: v3websso}", says: []string{`clouds.yaml: cloud "acme"`, "mapping"}},
		"auth is a text":               {clouds: acme("    auth: x\n"), says: []string{`clouds.yaml: cloud "acme": auth`, "mapping"}},
		"auth_type is a list":          {clouds: "clouds: {acme: {auth_type: [v3websso]}}", says: []string{`clouds.yaml: cloud "acme": auth_type`}},
		"auth_url is a list":           {clouds: acme("    auth: {auth_url: [x]}\n"), says: []string{`clouds.yaml: cloud "acme": auth.auth_url`}},
		"auth_url is no URL":           {clouds: acme("    auth: {auth_url: 'u:hunter2@x'}\n"), says: []string{`"…" is not an http or https URL`, `auth.auth_url of cloud "acme" in `}},
		"auth_url with a password":     {clouds: acme("    auth: {auth_url: 'https://u:hunter2@x'}\n"), says: []string{"auth.auth_url of cloud", "has a user"}},
		"interface is a list of lists": {clouds: acme("    interface: [[public]]\n"), says: []string{`clouds.yaml: cloud "acme": interface`}},
		"interface is misspelled":      {clouds: acme("    interface: Public\n"), says: []string{`clouds.yaml: cloud "acme": interface is "Public"`, "internal"}},
		"OS_INTERFACE is misspelled":   {clouds: acme(""), vars: map[string]string{"OS_INTERFACE": "intern"}, says: []string{`OS_INTERFACE is "intern"`}},
		"a NUL":                        {clouds: acme(`    region_name: "a\0b"` + "\n"), says: []string{`clouds.yaml: cloud "acme": region_name has a NUL`}},
		"a NUL in a list":              {clouds: acme(`    regions: ["a\0b"]` + "\n"), says: []string{`clouds.yaml: cloud "acme": regions has`, "NUL"}},
		"a NUL below auth":             {clouds: acme(`    auth: {project_id: "\0"}` + "\n"), says: []string{`clouds.yaml: cloud "acme": auth.project_id has a NUL`}},
		"cacert is a list":             {clouds: acme("    cacert: [x]\n"), says: []string{`clouds.yaml: cloud "acme": cacert`}},
		"cacert is not there":          {clouds: acme("    cacert: /nowhere/ca.pem\n"), says: []string{`clouds.yaml: cloud "acme": cacert`, "/nowhere/ca.pem"}},
		"cacert has no such escape":    {clouds: acme(`    cacert: "C:\certs\ca.pem"` + "\n"), says: []string{"clouds.yaml", "line 6: put single quotes around a path of Windows"}},
		"cacert has half an escape":    {clouds: acme(`    cacert: "C:\Users\alice\ca.pem"` + "\n"), says: []string{"clouds.yaml", "line 6: put single quotes around a path of Windows"}},
		"cacert has other escapes":     {clouds: acme(`    cacert: "C:\new\tls.pem"` + "\n"), says: []string{`clouds.yaml: cloud "acme": cacert`, "put single quotes around a path of Windows"}},
		"cacert is no certificate":     {clouds: acme("    cacert: clouds.yaml\n"), says: []string{`clouds.yaml: cloud "acme"`, ": cacert", "PEM"}},
		"cert is not there":            {clouds: acme("    cert: /nowhere/c.pem\n    key: /nowhere/k.pem\n"), says: []string{`clouds.yaml: cloud "acme": cert`, "/nowhere/c.pem"}},
		"cert without PEM":             {clouds: acme("    cert: clouds.yaml\n"), says: []string{`clouds.yaml: cloud "acme": cert: tls: failed to find any PEM data`}},
		"auth_url with a zone":         {clouds: acme("    auth: {auth_url: 'http://[fe80::1%25eth0]:5000/v3'}\n"), says: []string{"is not an http or https URL"}},
		"key without cert":             {clouds: acme("    key: /nowhere/k.pem\n"), says: []string{`clouds.yaml: cloud "acme"`, ": key", "cert (OS_CERT) is not set"}},
		"verify in quotes":             {clouds: acme("    verify: \"false\"\n"), says: []string{`clouds.yaml: cloud "acme": verify`, "true or false"}},
		"verify is a number":           {clouds: acme("    verify: 0\n"), says: []string{`clouds.yaml: cloud "acme": verify`}},
		"insecure is a list":           {clouds: acme("    insecure: [true]\n"), says: []string{`clouds.yaml: cloud "acme": insecure`}},
		"port is a word":               {clouds: acme("    redirect_port: web\n"), says: []string{`clouds.yaml: cloud "acme": redirect_port`, "1 to 65535"}},
		"port is too large":            {clouds: acme("    auth: {redirect-port: 65536}\n"), says: []string{`clouds.yaml: cloud "acme": auth.redirect_port`}},
		"timeout is a duration":        {clouds: acme("    login_timeout: 5m\n"), says: []string{`clouds.yaml: cloud "acme": login_timeout`, "seconds"}},
		"timeout is zero":              {clouds: acme("    login_timeout: 0\n"), says: []string{`clouds.yaml: cloud "acme": login_timeout`, "seconds"}},
		"timeout is negative":          {clouds: acme("    auth: {login_timeout: -1}\n"), says: []string{`clouds.yaml: cloud "acme": auth.login_timeout`, "seconds"}},
		"timeout is tiny":              {clouds: acme("    login_timeout: 1e-10\n"), says: []string{`clouds.yaml: cloud "acme": login_timeout`, "seconds"}},
		"timeout is not finite":        {clouds: acme("    login_timeout: NaN\n"), says: []string{`clouds.yaml: cloud "acme": login_timeout`, "seconds"}},
		"timeout is endless":           {clouds: acme("    login_timeout: inf\n"), says: []string{`clouds.yaml: cloud "acme": login_timeout`, "86400"}},
		"timeout in a variable":        {clouds: acme(""), vars: map[string]string{"OS_LOGIN_TIMEOUT": "x"}, says: []string{"OS_LOGIN_TIMEOUT", "seconds"}},
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
		"public clouds not YAML":   {clouds: acme("    profile: x\n"), public: "{", says: []string{"clouds-public.yaml", "not valid YAML"}},
		"public clouds is a list":  {clouds: acme("    profile: x\n"), public: "public-clouds: [x]", says: []string{"clouds-public.yaml: public-clouds"}},
		"a public cloud is a text": {clouds: acme("    profile: x\n"), public: "public-clouds: {x: y}", says: []string{`clouds-public.yaml: cloud "x"`}},
		"secure not YAML":          {clouds: acme(""), secure: "{", says: []string{"secure.yaml", "not valid YAML"}},
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
		"merges of null":           {clouds: nullMerges(20_000), says: []string{`clouds.yaml: cloud "acme"`, "merges"}},
		"a template that grows":    {clouds: acme("    a: " + strings.Repeat("b", 50_000) + "\n    auth: {auth_url: '" + strings.Repeat("{a}", 50_000) + "'}\n"), says: []string{`clouds.yaml: cloud "acme": auth.auth_url`, "too long"}},
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
				t.Errorf("got %+v, %+v, %v with the error, want zero values", ao, eo, tlsConfig)
			}
			client, _, err := clouds.NewProviderClient(t.Context(), clouds.WithCloudName(cloud))
			checkError(t, err, append(test.says, "websso: ")...)
			if client != nil {
				t.Error("got a client with the error, want nil")
			}
		})
	}
}

// merges returns a clouds.yaml whose cloud merges ten mappings that each merge ten
// mappings, and so on.
func merges(depth int) string {
	var b strings.Builder
	b.WriteString("l0: &l0 {a: b}\n")
	for i := range depth {
		fmt.Fprintf(&b, "l%d: &l%d {<<: [%s]}\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*l%d,", i), 10), ","))
	}
	fmt.Fprintf(&b, "clouds: {acme: *l%d}\n", depth)
	return b.String()
}

// nullMerges returns a clouds.yaml whose cloud merges n mappings that each merge n
// mappings that merge n times null.
func nullMerges(n int) string {
	list := func(item string) string { return strings.TrimSuffix(strings.Repeat(item+",", n), ",") }
	return fmt.Sprintf("a: &a {<<: [%s]}\nb: &b {<<: [%s]}\nclouds: {acme: {<<: [%s]}}\n", list("~"), list("*a"), list("*b"))
}

func checkError(t *testing.T, err error, says ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("got no error, want one that says %q", says)
	}
	text := err.Error()
	for _, want := range says {
		if !strings.Contains(text, want) && !strings.Contains(filepath.ToSlash(text), want) {
			t.Errorf("got %q, want it to say %q", text, want)
		}
	}
	if strings.Contains(text, "hunter2") {
		t.Errorf("got %q, which contains a password", text)
	}
	checkPrintable(t, err)
}

// TestNoSecretInErrors breaks a file that contains passwords in many places.
func TestNoSecretInErrors(t *testing.T) {
	cleanEnv(t, nil)
	const file = "clouds:\n  acme:\n    auth:\n      auth_url: https://identity.invalid\n      username: u\n      password: hunter2\n      user_domain_name: d\n      token: hunter2\n"
	for i := range len(file) {
		for _, junk := range []string{"[", "{", "*", "&", "!", "%", "@", "`", "\t", "\x00", "\xff", ": ", "- ", "\"", "'", "|"} {
			broken := file[:i] + junk + file[i:]
			_, _, _, err := clouds.Parse(clouds.WithCloudsYAML(strings.NewReader(broken)), clouds.WithCloudName("acme"))
			if err == nil {
				t.Fatalf("got no error for %q", broken)
			}
			if strings.Contains(err.Error(), "hunter") {
				t.Fatalf("got %q, which contains a password", err)
			}
		}
	}
}

// TestAddressIsNotQuoted has a user and a password in addresses that look like others. No
// error shows them, whichever package signs in.
func TestAddressIsNotQuoted(t *testing.T) {
	cleanEnv(t, nil)
	for _, url := range []string{
		"https://alice:hunter2@127.0.0.1:1/v3", "http://alice:hunter2@127.0.0.1:1/v3", "alice:hunter2@host/v3",
		"https://alice:hunter2%40host/v3", "https://alice:hunter2%2540host/v3", "https:/alice:hunter2@host", "https:alice:hunter2@host",
		`https:\\alice:hunter2@host`, "alice@host", "//alice:hunter2@host", "ftp://alice:hunter2@host", "https://alice:hunter2", "https://127.0.0.1:1/v3?alice=hunter2",
	} {
		for _, rest := range []string{"auth_type: v3websso, protocol: openid", "username: u, password: p, user_domain_name: d"} {
			file := fmt.Sprintf("clouds: {acme: {auth_url: '%s', %s}}", url, rest)
			_, _, err := clouds.NewProviderClient(t.Context(), clouds.WithCloudName("acme"), clouds.WithCloudsYAML(strings.NewReader(file)))
			checkError(t, err, "websso: ")
			if err != nil && strings.Contains(err.Error(), "alice") {
				t.Errorf("%s: got %q, which contains the user", file, err)
			}
		}
	}
}
