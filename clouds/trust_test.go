package clouds_test

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso/clouds"
)

// TestForeignFile combines files of the current directory, which may be a repository
// that someone else wrote, with files of the user. The hostile file names a server, the
// user's file has the password.
func TestForeignFile(t *testing.T) {
	const (
		url      = "clouds: {prod: {auth: {auth_url: HOSTILE}}}"
		whole    = "clouds: {prod: {auth: {auth_url: HOSTILE, username: u, user_domain_name: d}}}"
		password = "clouds: {prod: {auth: {username: u, user_domain_name: d, password: hunter2}}}"
		mine     = "clouds: {prod: {auth: {auth_url: MINE, username: u, user_domain_name: d, password: hunter2}}}"
		profile  = "clouds: {prod: {profile: p, auth: {username: u, user_domain_name: d, password: hunter2}}}"
		public   = "public-clouds: {p: {auth: {auth_url: HOSTILE}}}"
		home     = ".config/openstack/"
	)
	type files map[string]string
	for name, test := range map[string]struct {
		files   files
		links   files // targets by path
		vars    map[string]string
		opts    []clouds.ParseOption
		says    []string // of the error; nil if the sign-in works
		hostile bool     // the sign-in that works is at the hostile server
	}{
		"secure.yaml at home": {
			files: files{"clouds.yaml": whole, home + "secure.yaml": password},
			says:  []string{"/clouds.yaml: cloud \"prod\"", "current directory", home + "secure.yaml", "OS_CLIENT_SECURE_FILE="},
		},
		"secure.yml at home": {files: files{"clouds.yml": whole, home + "secure.yml": password}, says: []string{"/clouds.yml", home + "secure.yml"}},
		"secure.yaml of XDG_CONFIG_HOME": {
			files: files{"clouds.json": whole, "xdg/openstack/secure.yaml": password}, vars: map[string]string{"XDG_CONFIG_HOME": "xdg"},
			says: []string{"/clouds.json", "xdg/openstack/secure.yaml"},
		},
		"the file of the current directory is named": {
			files: files{"clouds.yaml": whole, home + "secure.yaml": password}, vars: map[string]string{"OS_CLIENT_CONFIG_FILE": "clouds.yaml"},
			says: []string{"clouds.yaml", "current directory"},
		},
		"secure.yaml here, clouds.yaml at home": {
			files: files{"secure.yaml": url, home + "clouds.yaml": mine},
			says:  []string{"/secure.yaml", "current directory", home + "clouds.yaml: cloud \"prod\"", "OS_CLIENT_SECURE_FILE="},
		},
		"secure.yaml here, clouds.yaml named": {
			files: files{"secure.yaml": url, "sub/mine": mine}, vars: map[string]string{"OS_CLIENT_CONFIG_FILE": "sub/mine"},
			says: []string{"/secure.yaml", "sub/mine"},
		},
		"a profile here": {
			files: files{"clouds-public.yaml": public, home + "clouds.yaml": profile},
			says:  []string{"/clouds-public.yaml", "current directory", `profile "p"`, home + "clouds.yaml"},
		},
		"a profile here, clouds.yaml passed": {
			files: files{"clouds-public.yaml": public}, opts: []clouds.ParseOption{clouds.WithCloudsYAML(strings.NewReader(profile))},
			says: []string{"/clouds-public.yaml", "current directory"},
		},
		"a link to secure.yaml at home": {
			files: files{"clouds.yaml": whole, home + "secure.yaml": password}, links: files{"secure.yaml": home + "secure.yaml"},
			says: []string{"/clouds.yaml", "secure.yaml"},
		},
		"a link to a hostile clouds.yaml": {
			files: files{"evil/clouds.yaml": whole, home + "secure.yaml": password}, links: files{"clouds.yaml": "evil/clouds.yaml"},
			says: []string{"/clouds.yaml", home + "secure.yaml"},
		},
		"the other kind of cloud": {
			files: files{"clouds.yaml": "clouds: {prod: {auth_type: v3websso, auth_url: HOSTILE, protocol: openid}}", home + "secure.yaml": "clouds: {prod: {key: mine.pem}}"},
			says:  []string{"current directory", "OS_CLIENT_SECURE_FILE"},
		},

		"links to both at home": {
			files: files{home + "clouds.yaml": strings.Replace(whole, "HOSTILE", "MINE", 1), home + "secure.yaml": password},
			links: files{"clouds.yaml": home + "clouds.yaml", "secure.yaml": home + "secure.yaml"},
		},
		"a link to clouds.yaml at home": {
			files: files{home + "clouds.yaml": strings.Replace(whole, "HOSTILE", "MINE", 1), home + "secure.yaml": password},
			links: files{"clouds.yaml": home + "clouds.yaml"},
		},
		"OS_CLIENT_SECURE_FILE means it": {
			files: files{"clouds.yaml": whole, home + "secure.yaml": password}, vars: map[string]string{"OS_CLIENT_SECURE_FILE": home + "secure.yaml"}, hostile: true,
		},
		"OS_CLIENT_SECURE_FILE means it in the current directory": {
			files: files{"secure.yaml": url, home + "clouds.yaml": mine}, vars: map[string]string{"OS_CLIENT_SECURE_FILE": "secure.yaml"}, hostile: true,
		},
		"OS_CLIENT_SECURE_FILE is missing": {
			files: files{"clouds.yaml": whole, home + "secure.yaml": password}, vars: map[string]string{"OS_CLIENT_SECURE_FILE": "gone"},
			says: []string{"/clouds.yaml", home + "secure.yaml"},
		},
		"WithSecureYAML means it": {files: files{"clouds.yaml": whole}, opts: []clouds.ParseOption{clouds.WithSecureYAML(strings.NewReader(password))}, hostile: true},
		"WithPublicLocations means it": {
			files: files{"clouds-public.yaml": public, home + "clouds.yaml": profile}, opts: []clouds.ParseOption{clouds.WithPublicLocations("clouds-public.yaml")}, hostile: true,
		},
		"both here":                       {files: files{"clouds.yaml": whole, "secure.yaml": password}, hostile: true},
		"all three here":                  {files: files{"clouds.yaml": "clouds: {prod: {profile: p}}", "secure.yaml": password, "clouds-public.yaml": public}, hostile: true},
		"another cloud's secrets":         {files: files{"clouds.yaml": strings.Replace(mine, "MINE", "HOSTILE", 1), home + "secure.yaml": "clouds: {other: {auth: {password: x}}}"}, hostile: true},
		"no secrets for the cloud":        {files: files{"clouds.yaml": strings.Replace(mine, "MINE", "HOSTILE", 1), home + "secure.yaml": "clouds: {prod: {auth: {password: }}}"}, hostile: true},
		"both at home":                    {files: files{home + "clouds.yaml": strings.Replace(whole, "HOSTILE", "MINE", 1), home + "secure.yaml": password}},
		"another profile here":            {files: files{home + "clouds.yaml": mine, "clouds-public.yaml": public}},
		"a profile at home":               {files: files{"clouds.yaml": profile, home + "clouds-public.yaml": public}, hostile: true},
		"clouds.yaml named, not here":     {files: files{"sub/mine": strings.Replace(whole, "HOSTILE", "MINE", 1), home + "secure.yaml": password}, vars: map[string]string{"OS_CLIENT_CONFIG_FILE": "sub/mine"}},
		"secure.yaml here, another's":     {files: files{home + "clouds.yaml": mine, "secure.yaml": "clouds: {other: {auth: {auth_url: HOSTILE}}}"}},
		"only in the secure.yaml at home": {files: files{"clouds.yaml": "clouds: {other: {}}", home + "secure.yaml": mine}},
	} {
		t.Run(name, func(t *testing.T) {
			if runtime.GOOS == "windows" && len(test.links) > 0 {
				t.Skip("links need a privilege here")
			}
			hostile, own := newIdentity(t), newIdentity(t)
			cleanEnv(t, test.vars)
			for path, text := range test.files {
				writeFile(t, path, strings.NewReplacer("HOSTILE", hostile.URL, "MINE", own.URL).Replace(text))
			}
			for path, target := range test.links {
				must(t, os.Symlink(filepath.FromSlash(target), path))
			}
			_, _, err := clouds.NewProviderClient(t.Context(), append(slices.Clone(test.opts), clouds.WithCloudName("prod"))...)
			asked := strings.Join(hostile.requests(), "\n")
			if test.says == nil {
				must(t, err)
				if got := asked != ""; got != test.hostile {
					t.Errorf("got a request to the current directory's server: %t, want %t", got, test.hostile)
				}
				return
			}
			checkError(t, err, test.says...)
			if asked != "" {
				t.Errorf("got %s at the hostile server, want no request", asked)
			}
			if names, err := clouds.Names(); test.opts == nil && (err != nil || !slices.Equal(names, []string{"prod"})) {
				t.Errorf("got %q, %v, want the name still", names, err)
			}
		})
	}
}
