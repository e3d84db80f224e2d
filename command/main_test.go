package command

import (
	"testing"

	"github.com/gophercloud-websso/websso/internal/testcache"
)

func TestMain(m *testing.M) { testcache.Main(m) }

// must fails the test at once if there is an error.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
