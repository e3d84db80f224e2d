package main

import (
	"cmp"
	"time"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/internal/browser"
	"github.com/gophercloud-websso/websso/internal/loopback"
)

// openByHand is the time to sign in if the user opens the address.
const openByHand = 5 * time.Minute

// openNothing leaves it to the user to open the address that the library prints.
func (a *app) openNothing(ao *websso.AuthOptions) {
	// The library's own minute is for a browser that was opened.
	ao.Timeout = cmp.Or(ao.Timeout, openByHand)
	host, port := ao.RedirectHost, cmp.Or(ao.RedirectPort, websso.DefaultRedirectPort)
	ao.OpenURL = func(string) error {
		to := browser.SSHDestination()
		spelled, err := loopback.Host(host)
		if to != "" && err == nil {
			a.screen.say("you are connected by SSH, so run this on the computer with the browser, open the address there, and stop it after the sign-in:\n  %s",
				browser.SSHCommand(spelled, port, to))
		}
		return nil
	}
}
