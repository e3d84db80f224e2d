package clouds_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/clouds"
	"github.com/gophercloud-websso/websso/webssotest"
)

// TestTLS signs in to clouds with TLS settings, right and wrong ones.
func TestTLS(t *testing.T) {
	k := webssotest.NewTLSKeystone(t)
	ca, cert, key := k.TLSFiles()
	read := func(path string) string { return readFile(t, path) }
	dir := t.TempDir()
	both := filepath.Join(dir, "cert-and-key.pem")
	writeFile(t, both, read(cert)+read(key))
	newPEM(t).write(t, dir)
	otherCA, otherCert, otherKey := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")

	hashes, unhashed := filepath.Join(dir, "hashes"), filepath.Join(dir, "unhashed")
	writeFile(t, filepath.Join(hashes, "0a1b2c3d.0"), read(otherCA))
	writeFile(t, filepath.Join(hashes, "0a1b2c3d.1"), read(ca))
	writeFile(t, filepath.Join(hashes, "README"), "no certificate")
	writeFile(t, filepath.Join(unhashed, "ca.pem"), read(ca))

	otherBytes := filepath.Join(dir, "\xe9.pem") // variables and file names need not be UTF-8
	if runtime.GOOS == "linux" {
		writeFile(t, otherBytes, read(ca))
	}

	var unknown *tls.CertificateVerificationError
	for name, test := range map[string]struct {
		keys     string
		vars     map[string]string
		opts     []clouds.ParseOption
		wantCert bool
		fails    bool
		as       any
		says     string
	}{
		"no authority":              {fails: true, as: &unknown},
		"cacert":                    {keys: "cacert: " + ca},
		"another cacert":            {keys: "cacert: " + otherCA, fails: true, as: &unknown},
		"cacert at home":            {keys: "cacert: ~/own.pem"},
		"OS_CACERT":                 {vars: map[string]string{"OS_CACERT": ca}},
		"a directory of hashes":     {vars: map[string]string{"OS_CACERT": hashes}},
		"a directory without":       {vars: map[string]string{"OS_CACERT": unhashed}, fails: true, says: "OS_CACERT: " + unhashed + " is a directory without certificates under their hashes"},
		"a carriage return":         {vars: map[string]string{"OS_CACERT": ca + "\r"}, fails: true, says: "OS_CACERT: it ends in a carriage return"},
		"other bytes":               {vars: map[string]string{"OS_CACERT": otherBytes}},
		"OS_CACERT over cacert":     {keys: "cacert: " + otherCA, vars: map[string]string{"OS_CACERT": ca}},
		"WithCACertPath":            {keys: "cacert: " + otherCA, opts: []clouds.ParseOption{clouds.WithCACertPath(ca)}},
		"verify: false":             {keys: "verify: false"},
		"verify: no, a wrong CA":    {keys: "verify: no\n    cacert: " + otherCA},
		"verify: true":              {keys: "verify: true", fails: true, as: &unknown},
		"insecure":                  {keys: "insecure: true"},
		"insecure: no":              {keys: "insecure: no", fails: true, as: &unknown},
		"OS_INSECURE with a file":   {vars: map[string]string{"OS_INSECURE": "true"}, fails: true, as: &unknown},
		"WithInsecure":              {opts: []clouds.ParseOption{clouds.WithInsecure(true)}},
		"WithInsecure(false)":       {keys: "verify: false", opts: []clouds.ParseOption{clouds.WithInsecure(false)}, fails: true, as: &unknown},
		"certificate":               {keys: fmt.Sprintf("cacert: %s\n    cert: %s\n    key: %s", ca, cert, key), wantCert: true},
		"no certificate":            {keys: "cacert: " + ca, wantCert: true, fails: true},
		"another's certificate":     {keys: fmt.Sprintf("cacert: %s\n    cert: %s\n    key: %s", ca, otherCert, otherKey), wantCert: true, fails: true},
		"certificate, one file":     {keys: fmt.Sprintf("cacert: %s\n    cert: %s", ca, both), wantCert: true},
		"OS_CERT and OS_KEY":        {keys: "cacert: " + ca, vars: map[string]string{"OS_CERT": cert, "OS_KEY": key}, wantCert: true},
		"WithClientCertPath":        {keys: "cacert: " + ca, opts: []clouds.ParseOption{clouds.WithClientCertPath(cert), clouds.WithClientKeyPath(key)}, wantCert: true},
		"certificate, no authority": {keys: fmt.Sprintf("cert: %s\n    key: %s", cert, key), wantCert: true, fails: true, as: &unknown},
	} {
		for _, cloud := range []string{"websso", "password"} {
			t.Run(name+", "+cloud, func(t *testing.T) {
				if name == "other bytes" && runtime.GOOS != "linux" {
					t.Skip("file names are UTF-8 here")
				}
				home := cleanEnv(t, test.vars)
				writeFile(t, filepath.Join(home, "own.pem"), read(ca))
				k.Configure(func(c *webssotest.Config) { c.Quirks.WantClientCert = false })
				file := strings.ReplaceAll(k.CloudsYAML(), fmt.Sprintf("    cacert: %q\n", ca), "    "+test.keys+"\n")
				k.Configure(func(c *webssotest.Config) { c.Quirks.WantClientCert = test.wantCert })
				client, eo, err := clouds.NewProviderClient(t.Context(), append(test.opts, signInAt(k),
					clouds.WithAuthOptions(func(ao *websso.AuthOptions) { ao.Cache = new(websso.MemoryCache) }),
					clouds.WithCloudsYAML(strings.NewReader(file)), clouds.WithCloudName(cloud))...)
				if !test.fails {
					must(t, err)
					if got := list(t, client, eo); len(got) != 3 {
						t.Errorf("got %q, want 3 servers", got)
					}
					return
				}
				if err == nil {
					t.Fatal("got no error")
				}
				if !strings.Contains(err.Error(), test.says) {
					t.Errorf("got %v, want it to say %q", err, test.says)
				}
				if test.as != nil && !errors.As(err, test.as) {
					t.Errorf("got %v, want a %T", err, test.as)
				}
			})
		}
	}
	t.Run("OS_INSECURE, environment", func(t *testing.T) {
		k.Configure(func(c *webssotest.Config) { c.Quirks.WantClientCert = false })
		vars := map[string]string{
			"OS_AUTH_URL": k.URL(), "OS_AUTH_TYPE": "v3websso", "OS_IDENTITY_PROVIDER": webssotest.IdentityProvider, "OS_PROTOCOL": webssotest.Protocol,
			"OS_REDIRECT_PORT": fmt.Sprint(k.AuthOptions().RedirectPort), "OS_PROJECT_NAME": "demo", "OS_PROJECT_DOMAIN_NAME": "Default",
		}
		for _, test := range []struct {
			insecure string
			fails    bool
		}{{"true", false}, {"True", false}, {"", true}, {"false", true}, {"1", true}} {
			vars["OS_INSECURE"] = test.insecure
			cleanEnv(t, vars)
			_, _, err := clouds.NewProviderClient(t.Context(), signInAt(k),
				clouds.WithAuthOptions(func(ao *websso.AuthOptions) { ao.Cache = new(websso.MemoryCache) }))
			if failed := errors.As(err, &unknown); failed != test.fails {
				t.Errorf("OS_INSECURE=%s: got %v, want an error: %t", test.insecure, err, test.fails)
			}
		}
	})
}
