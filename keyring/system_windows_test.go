package keyring_test

import (
	"os"
	"strings"
	"testing"

	gokeyring "github.com/zalando/go-keyring"

	"github.com/gophercloud-websso/websso/keyring"
)

// The key is in Credential Manager, which is a wine's: a user's own is left alone.
func TestCredentialManager(t *testing.T) {
	if os.Getenv("WEBSSO_E2E_WINE") == "" {
		t.Skip("runs with e2e/run --wine only")
	}
	const service, account = "gophercloud-websso", "cache-key"
	inner := &shared{}
	must(t, keyring.NewSystemProgram().NewCache(inner).Check())
	must(t, keyring.NewSystemProgram().NewCache(inner).Set(entry, "value"))
	secret, err := gokeyring.Get(service, account)
	if err != nil || len(secret) < 40 {
		t.Errorf("got %d characters in Credential Manager (%v), want a key", len(secret), err)
	}
	if _, value := inner.only(t); !strings.HasPrefix(value, "sealed 1 ") {
		t.Errorf("got %q in the inner cache, want it sealed", value)
	}
	get(t, keyring.NewSystemProgram().NewCache(inner), entry, "value")
	must(t, gokeyring.Delete(service, account))
	get(t, keyring.NewSystemProgram().NewCache(inner), entry, "")
	must(t, keyring.NewSystemProgram().NewCache(inner).Set(entry, "new"))
	get(t, keyring.NewSystemProgram().NewCache(inner), entry, "new")
	must(t, gokeyring.Delete(service, account))
}
