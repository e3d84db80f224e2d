package command

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/internal/private"
	"github.com/gophercloud-websso/websso/internal/terminal"
)

// renewShort signs in again if the cached sign-in ends too soon. Of several programs that
// find this at the same time, one signs in, and the others use that.
func (c *cloud) renewShort(ctx context.Context) error {
	least := c.minValidity
	c.minValidity = 0
	before, err := websso.Status(c.opts)
	if least <= 0 || err != nil || time.Until(before.ExpiresAt) >= least {
		return nil // if nobody is signed in, a sign-in follows anyway
	}
	why := fmt.Sprintf("the sign-in to %s ends at %s, in %s, which is less than --min-validity %s",
		c.host(), terminal.Clock(before.ExpiresAt), timeLeft(before.ExpiresAt), least)
	if c.opts.NonInteractive {
		return fmt.Errorf("%s: %w", why, websso.ErrLoginRequired)
	}
	release, err := c.lockRenewal(ctx)
	if err != nil {
		return err
	}
	defer release()
	if now, err := websso.Status(c.opts); err != nil || !now.ExpiresAt.Equal(before.ExpiresAt) {
		c.app.debug("another program has signed in meanwhile")
		return nil
	}
	c.app.screen.Say("%s, so sign in again", why)
	anew := *c
	anew.opts.ForceLogin = true
	if _, err := anew.authenticate(ctx); err != nil {
		return err
	}
	if now, err := websso.Status(c.opts); err == nil && time.Until(now.ExpiresAt) < least {
		c.app.screen.Say("a new sign-in to %s lasts only until %s, which is less than --min-validity %s", c.host(), terminal.Clock(now.ExpiresAt), least)
	}
	return nil
}

// lockRenewal waits until no other program renews a sign-in on the same port.
func (c *cloud) lockRenewal(ctx context.Context) (release func(), err error) {
	limit := cmp.Or(c.opts.Timeout, openByHand)
	return private.Lock{
		Dir:   private.CacheDir("gophercloud-websso"),
		Name:  "renewal-" + strconv.Itoa(cmp.Or(c.opts.RedirectPort, websso.DefaultRedirectPort)),
		Limit: limit,
		Waiting: func(holder string) {
			c.app.screen.Say("waiting up to %s for another sign-in to finish (%s)", terminal.Duration(limit), holder)
		},
	}.Take(ctx)
}
