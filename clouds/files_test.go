package clouds_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso/clouds"
)

// at returns a clouds.yaml with one cloud, whose URL has the given host.
func at(host string) string {
	return fmt.Sprintf("clouds: {acme: {auth_type: v3websso, auth_url: 'https://%s', protocol: openid}}", host)
}

func TestSearchPath(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the directories are those of Linux")
	}
	for name, test := range map[string]struct {
		files map[string]string // hosts by path
		vars  map[string]string // $DIR is the directory of the files
		want  string            // the host; "" for an error
	}{
		"nothing":                          {},
		"current directory":                {files: map[string]string{"clouds.yaml": "cwd", ".config/openstack/clouds.yaml": "home"}, want: "cwd"},
		"clouds.yml":                       {files: map[string]string{"clouds.yml": "yml", ".config/openstack/clouds.yaml": "home"}, want: "yml"},
		"clouds.yaml before clouds.yml":    {files: map[string]string{"clouds.yml": "yml", "clouds.yaml": "yaml"}, want: "yaml"},
		"clouds.json":                      {files: map[string]string{"clouds.json": "json"}, want: "json"},
		"home":                             {files: map[string]string{".config/openstack/clouds.yaml": "home"}, want: "home"},
		"clouds.yml at home":               {files: map[string]string{".config/openstack/clouds.yml": "home"}, want: "home"},
		"XDG before home":                  {files: map[string]string{"xdg/openstack/clouds.yaml": "xdg", ".config/openstack/clouds.yaml": "home"}, vars: map[string]string{"XDG_CONFIG_HOME": "$DIR/xdg"}, want: "xdg"},
		"home after XDG":                   {files: map[string]string{".config/openstack/clouds.yaml": "home"}, vars: map[string]string{"XDG_CONFIG_HOME": "$DIR/xdg"}, want: "home"},
		"site":                             {files: map[string]string{"site/openstack/clouds.yaml": "site"}, vars: map[string]string{"XDG_CONFIG_DIRS": "$DIR/site"}, want: "site"},
		"OS_CLIENT_CONFIG_FILE first":      {files: map[string]string{"mine.yaml": "mine", "clouds.yaml": "cwd"}, vars: map[string]string{"OS_CLIENT_CONFIG_FILE": "$DIR/mine.yaml"}, want: "mine"},
		"OS_CLIENT_CONFIG_FILE, no suffix": {files: map[string]string{"mine": "mine"}, vars: map[string]string{"OS_CLIENT_CONFIG_FILE": "mine"}, want: "mine"},
		"a home that is a file":            {files: map[string]string{"clouds.yaml": "cwd"}, vars: map[string]string{"HOME": "$DIR/clouds.yaml", "XDG_CONFIG_HOME": "$DIR/clouds.yaml/config"}, want: "cwd"},
		"not in the home directory itself": {files: map[string]string{"openstack/clouds.yaml": "home"}},
		"not another name":                 {files: map[string]string{"cloud.yaml": "cwd", "clouds.yaml.bak": "cwd"}},
		"secure.yaml alone":                {files: map[string]string{"secure.yaml": "secure"}, want: "secure"},
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
			must(t, err)
			if got.AuthURL != "https://"+test.want {
				t.Errorf("got %s, want %s", got.AuthURL, test.want)
			}
		})
	}
}

func TestUnreadable(t *testing.T) {
	t.Run("named, but not there", func(t *testing.T) {
		cleanEnv(t, map[string]string{"OS_CLIENT_CONFIG_FILE": "mine.yaml"})
		writeFile(t, "clouds.yaml", at("cwd"))
		_, err := parse(clouds.WithCloudName("acme"))
		checkError(t, err, "there is no file mine.yaml, which OS_CLIENT_CONFIG_FILE names")
		if !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("got %v, want fs.ErrNotExist", err)
		}
	})
	t.Run("no home", func(t *testing.T) {
		if runtime.GOOS == "windows" {
			t.Skip("the profile's folder is elsewhere, and never missing")
		}
		cleanEnv(t, nil)
		t.Setenv("HOME", "")
		_, err := parse(clouds.WithCloudName("acme"))
		u, userErr := user.Current()
		if userErr == nil && u.HomeDir != "" {
			checkError(t, err, filepath.Join(u.HomeDir, ".config", "openstack", "clouds.yaml"))
		} else {
			checkError(t, err, "HOME")
		}
	})
	dir := cleanEnv(t, nil)
	must(t, os.Mkdir("clouds.yaml", 0o700))
	_, err := parse(clouds.WithCloudName("acme"))
	checkError(t, err, filepath.Join(dir, "clouds.yaml"))

	if os.Geteuid() == 0 || runtime.GOOS == "windows" {
		return // the test process may read anything
	}
	must(t, os.Remove("clouds.yaml"))
	writeFile(t, "clouds.yaml", at("cwd"))
	must(t, os.Chmod("clouds.yaml", 0))
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
		"elsewhere":                     {files: map[string]string{"xdg/openstack/clouds.yaml": at("x"), ".config/openstack/secure.yaml": secure("home")}, vars: map[string]string{"XDG_CONFIG_HOME": "xdg"}, want: "home"},
		"beside before the current one": {files: map[string]string{".config/openstack/clouds.yaml": at("x"), ".config/openstack/secure.yaml": secure("home"), "secure.yaml": secure("cwd")}, want: "home"},
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
			must(t, err)
			if got.IdentityProvider != test.want || got.AuthURL != "https://x" {
				t.Errorf("got %s at %s, want %s", got.IdentityProvider, got.AuthURL, test.want)
			}
		})
	}
}
