package keyring_test

import (
	"strings"
	"testing"
)

// FuzzSealed puts anything in the place of a sealed value: it is a miss.
func FuzzSealed(f *testing.F) {
	inner, ring := &shared{}, &fake{}
	c := ring.start().NewCache(inner)
	must(f, c.Set(entry, "value"))
	key, sealed := inner.only(f)
	f.Add("")
	f.Add("value")
	f.Add(sealed[:len(sealed)-1])
	f.Add(strings.Replace(sealed, "sealed 1", "sealed 2", 1))
	f.Add(strings.ToUpper(sealed))
	f.Fuzz(func(t *testing.T, changed string) {
		if strings.ReplaceAll(strings.ReplaceAll(changed, "\n", ""), "\r", "") == sealed {
			return // base64 ignores line breaks
		}
		must(t, inner.Set(key, changed))
		get(t, c, entry, "")
	})
}

// FuzzValue seals anything under any key and gets it back, in another program too.
func FuzzValue(f *testing.F) {
	f.Add("", "value")
	f.Add("key", "\x00\xff")
	f.Fuzz(func(t *testing.T, key, value string) {
		if value == "" {
			return // a miss, as in every Cache
		}
		inner, ring := &shared{}, &fake{}
		must(t, ring.start().NewCache(inner).Set(key, value))
		get(t, ring.start().NewCache(inner), key, value)
		get(t, ring.start().NewCache(inner), key+"x", "")
	})
}
