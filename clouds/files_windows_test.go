package clouds_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso/clouds"
)

// TestSharedDirectories has a clouds.yaml where any user can put one.
func TestSharedDirectories(t *testing.T) {
	dir := cleanEnv(t, nil)
	t.Setenv("PROGRAMDATA", filepath.Join(dir, "ProgramData"))
	t.Setenv("LOCALAPPDATA", filepath.Join(dir, "Local"))
	writeFile(t, filepath.Join(dir, "ProgramData", "OpenStack", "openstack", "clouds.yaml"), at("shared"))
	_, err := parse(clouds.WithCloudName("acme"))
	checkError(t, err, "clouds.yaml")
	for _, shared := range []string{"ProgramData", `\etc\openstack`} {
		if strings.Contains(err.Error(), shared) {
			t.Errorf("got %v, want no search in %s", err, shared)
		}
	}
	writeFile(t, filepath.Join(dir, "Local", "OpenStack", "openstack", "clouds.yaml"), at("own"))
	if got, err := parse(clouds.WithCloudName("acme")); err != nil || got.AuthURL != "https://own" {
		t.Errorf("got %s, %v, want the user's own", got.AuthURL, err)
	}
}
