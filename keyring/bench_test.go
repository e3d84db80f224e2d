package keyring_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

// BenchmarkWarm is an Authenticate that finds what it needs in the cache: in plain files,
// and encrypted, in a program that has the key. What asking a real keyring costs is for
// the benchmarks of e2e.
func BenchmarkWarm(b *testing.B) {
	for _, size := range []int{5 << 10, 20 << 10, 200 << 10} {
		ks := webssotest.NewKeystone(b)
		ks.Configure(func(c *webssotest.Config) { c.Quirks.CatalogSize = size })
		for name, cache := range map[string]websso.Cache{
			"files":     websso.NewFileCache(filepath.Join(b.TempDir(), "cache")),
			"encrypted": (&fake{}).start().NewCache(websso.NewFileCache(filepath.Join(b.TempDir(), "cache"))),
		} {
			opts := ks.AuthOptions()
			opts.Cache = cache
			signIn(b, opts)
			opts.NonInteractive = true
			b.Run(fmt.Sprintf("catalog=%dKB/%s", size>>10, name), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					must(b, websso.Authenticate(b.Context(), &gophercloud.ProviderClient{}, opts))
				}
			})
		}
	}
}
