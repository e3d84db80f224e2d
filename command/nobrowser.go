package command

import (
	"cmp"
	"time"

	"github.com/gophercloud-websso/websso"
)

// openByHand is the time to sign in if the user opens the address.
const openByHand = 5 * time.Minute

// openNothing leaves it to the user to open the address that the library prints.
func (a *app) openNothing(ao *websso.AuthOptions) {
	// The library's own minute is for a browser that was opened.
	ao.Timeout = cmp.Or(ao.Timeout, openByHand)
}
