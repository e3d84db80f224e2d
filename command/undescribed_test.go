package command

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/clouds"
	"github.com/gophercloud-websso/websso/webssotest"
)

// TestLogoutOfUndescribedCloud signs in to a cloud with a CA of its own, which leaves
// clouds.yaml then, and maybe the CA's file goes with it.
func TestLogoutOfUndescribedCloud(t *testing.T) {
	for name, tt := range map[string]struct {
		gone    bool
		args    string // with the path of a copy for @
		status  int
		revoked int
		said    string
	}{
		"the file is there": {false, "", 0, 2, "signed out of "},
		"it is elsewhere":   {true, "--cacert @", 0, 2, "signed out of "},
		"the file is gone":  {true, "", 5, 0, "valid until"},
	} {
		t.Run(name, func(t *testing.T) {
			k := webssotest.NewTLSKeystone(t)
			u := newPatient(t, k)
			t.Setenv("OS_CLOUD", "")
			ca, _, _ := k.TLSFiles()
			file := filepath.Join(t.TempDir(), "ca.pem")
			pem, err := os.ReadFile(ca)
			must(t, err)
			must(t, os.WriteFile(file, pem, 0o600))
			describe(t, strings.Replace(k.CloudsYAML(), strconv.Quote(ca), strconv.Quote(file), 1))
			_, _, err = clouds.NewProviderClient(t.Context(), clouds.WithCloudName("websso"), clouds.WithAuthOptions(func(o *websso.AuthOptions) {
				k.ApplyTo(o)
				o.Cache = websso.NewFileCache(u.cache)
			}))
			must(t, err)
			describe(t, "clouds: {}\n")
			if tt.gone {
				os.Remove(file)
			}
			k.ResetRequests()
			var stdout, stderr bytes.Buffer
			if status := run(&stdout, &stderr, append([]string{"logout", "--all"}, strings.Fields(strings.Replace(tt.args, "@", ca, 1))...)...); status != tt.status || !strings.Contains(stderr.String(), tt.said) || tt.gone && !strings.Contains(stderr.String(), file) {
				t.Errorf("got status %d and %s, want %d and %q", status, &stderr, tt.status, tt.said)
			}
			if n := len(k.APIRequests()); n != tt.revoked {
				t.Errorf("got %d requests %v, want the tokens revoked with %d", n, k.APIRequests(), tt.revoked)
			}
			if status := run(&stdout, &stderr, "status", "--all"); status != 3 || strings.Contains(stdout.String(), "alice") {
				t.Errorf("got status %d and %s, want 3 and no sign-in", status, &stdout)
			}
		})
	}
}
