package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/clouds"
	"github.com/gophercloud-websso/websso/command/internal/doctor"
	"github.com/gophercloud-websso/websso/internal/private"
)

func (p *program) doctor() *cobra.Command {
	return p.command("doctor", "find out what keeps a sign-in from working",
		func(f *pflag.FlagSet) {
			f.Bool("check", false, "check each cached token with Keystone, as status --check does")
			outputFlag(f)
		},
		func(ctx context.Context, a *app, _ []string) error {
			// A mistake on the command line is not a fault of the set-up.
			if _, err := a.cloudOptions(); err != nil {
				return err
			}
			diagnosis := a.diagnose(ctx)
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			err := a.printAs(diagnosis, diagnosis.Text)
			if err == nil && diagnosis.Faults > 0 {
				err = fmt.Errorf("faults found: %d", diagnosis.Faults)
			}
			return err
		})
}

// diagnose makes all checks.
func (a *app) diagnose(ctx context.Context) *doctor.Diagnosis {
	sources := clouds.Explain(a.sources()...)
	p := doctor.Patient{
		Sources: sources, Misspelled: a.misspelled(sources), Host: "localhost", Port: websso.DefaultRedirectPort, Browser: a.computer(), Cache: a.cache,
	}
	if where := a.cacheKind(); where != cacheMemory {
		p.CacheDir = cmp.Or(a.cacheDir(), private.CacheDir("gophercloud-websso"))
	}
	c, err := a.chosenCloud()
	if err == nil {
		c.opts.Output = io.Discard // what it says is found out here
		p.Endpoint, err = c.checkOptions(ctx)
	}
	if p.Err = err; err != nil {
		return doctor.New(append(p.Examine(ctx), otherSignIns(websso.AuthOptions{Cache: a.cache})...))
	}
	p.Options, p.Insecure, p.Client, p.Named, p.NameOf = c.opts, c.isInsecure(), c.client, c.rename, c.nameOf
	p.Host, p.Port = c.redirect()
	signIn := c.signInFindings(ctx, a.bool("check"))
	if s, err := websso.Status(c.opts); err == nil {
		p.Callback = s.CallbackURL
	}
	return doctor.New(slices.Concat(p.Examine(ctx), signIn, otherSignIns(c.opts)))
}

// otherSignIns says who else is signed in, whatever cloud and account that is for.
func otherSignIns(own websso.AuthOptions) (all []doctor.Finding) {
	signIns, _ := websso.SignIns(own.Cache) // what can't be read is reported as a fault of the cache
	for _, s := range signIns {
		if !sameSignIn(own, s.Options) {
			all = append(all, doctor.Finding{Check: "sign-in", State: doctor.OK, Found: fmt.Sprintf("%s at %s%s, until %s",
				s.UserName, hostOf(s.Options.IdentityEndpoint), prefixed(", account ", s.Options.Username), until(s.ExpiresAt))})
		}
	}
	return all
}

// checkOptions returns the normalized address of Keystone, or what is wrong with the
// options. It makes no request.
func (c *cloud) checkOptions(ctx context.Context) (endpoint string, err error) {
	opts := c.opts
	opts.NonInteractive, opts.ForceLogin, opts.Cache = true, false, &websso.MemoryCache{}
	client := c.client()
	if err := websso.Authenticate(ctx, client, opts); !errors.Is(err, websso.ErrLoginRequired) {
		return "", c.rename(err)
	}
	return authURL(client), nil
}

// signInFindings says who is signed in and, with check, which tokens Keystone still knows.
func (c *cloud) signInFindings(ctx context.Context, check bool) []doctor.Finding {
	f := doctor.Finding{Check: "sign-in", State: doctor.OK}
	login := c.app.again("login")
	_, before := websso.Status(c.opts)
	r, err := c.report(ctx, check)
	switch {
	case errors.Is(err, websso.ErrLoginRequired) && before == nil:
		f.State, f.Found, f.Advice = doctor.Warning, "the cached sign-in was ended at Keystone", "sign in with "+login
	case errors.Is(err, websso.ErrLoginRequired):
		f.Found = "nobody is signed in; sign in with: " + login
	case err != nil:
		f = doctor.FaultOf("sign-in", err)
	default:
		f.Found = r.User + ", until " + until(*r.Expires)
		if time.Until(*r.Expires) < soon {
			f.State, f.Advice = doctor.Warning, login+" --force gives a new one"
		}
	}
	all := []doctor.Finding{f}
	for i := 0; err == nil && check && i < len(r.Tokens); i++ {
		state := doctor.OK
		if r.Tokens[i].State == stateRefused {
			state = doctor.Warning
		}
		all = append(all, doctor.Finding{Check: "token", State: state, Found: r.Tokens[i].text()})
	}
	return all
}
