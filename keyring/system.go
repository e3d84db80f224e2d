package keyring

import (
	"context"

	gokeyring "github.com/zalando/go-keyring"

	"github.com/gophercloud-websso/websso/internal/private"
)

// system is the user's own keyring.
type system struct{}

func (system) Get(service, account string) (string, error) {
	if err := reachable(); err != nil {
		return "", err
	}
	return gokeyring.Get(service, account)
}

func (system) Set(service, account, secret string) error {
	if err := reachable(); err != nil {
		return err
	}
	return gokeyring.Set(service, account, secret)
}

// lock makes all programs of the user wait for the one that makes the key.
func lock() (release func(), err error) {
	return private.Lock{Dir: private.CacheDir(service), Name: "keyring", Limit: limit}.Take(context.Background())
}
