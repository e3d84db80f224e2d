package clouds_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gophercloud-websso/websso/clouds"
)

// TestWithEnv reads clouds of each kind with variables of the program's, while every
// variable of the process means something else.
func TestWithEnv(t *testing.T) {
	k := newIdentity(t)
	dir := cleanEnv(t, map[string]string{
		"OS_CLOUD": "process", "OS_CLIENT_CONFIG_FILE": "process.yaml", "OS_CLIENT_SECURE_FILE": "process.yaml",
		"OS_AUTH_TYPE": "v3token", "OS_AUTH_URL": "https://process", "OS_TOKEN": "process", "OS_PASSCODE": "process",
		"OS_PROTOCOL": "process", "OS_IDENTITY_PROVIDER": "process", "OS_PROJECT_ID": "process", "OS_USERNAME": "process",
		"OS_REGION_NAME": "process", "OS_INTERFACE": "admin", "OS_CACERT": "process", "OS_CERT": "process", "OS_KEY": "process", "OS_INSECURE": "true",
		"XDG_CONFIG_HOME": "process",
	})
	for _, path := range []string{"process.yaml", "clouds.yaml", "process/openstack/clouds.yaml"} {
		writeFile(t, path, "clouds: [")
	}
	t.Chdir(t.TempDir())
	writeFile(t, dir+"/own/openstack/clouds.yaml", acme("    auth: {project_id: p}\n"))
	env := func(vars map[string]string) clouds.ParseOption {
		return clouds.WithEnv(func(name string) (string, bool) {
			value, ok := vars[name]
			return value, ok
		})
	}
	want := meaning{
		AuthURL: "https://identity.example.com", Protocol: "openid", Interface: "public",
		Scope: &gophercloud.AuthScope{ProjectID: "p"},
	}
	got, err := parse(env(map[string]string{"XDG_CONFIG_HOME": dir + "/own"}))
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("a file: got %s, %v; want %s", show(got), err, show(want))
	}
	got, err = parse(env(map[string]string{"OS_AUTH_URL": "https://identity.example.com", "OS_PROTOCOL": "openid", "OS_PROJECT_ID": "p"}))
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("variables: got %s, %v; want %s", show(got), err, show(want))
	}
	_, eo, err := clouds.NewProviderClient(t.Context(), env(map[string]string{"OS_AUTH_URL": k.URL, "OS_USERNAME": "u", "OS_PASSWORD": "p", "OS_DOMAIN_NAME": "d"}))
	if asked := strings.Join(k.requests(), "\n"); err != nil || strings.Contains(asked, "process") || !reflect.DeepEqual(eo, gophercloud.EndpointOpts{Availability: "public"}) {
		t.Errorf("a password: got %+v, %v after %s; want nothing of the process", eo, err, asked)
	}
}
