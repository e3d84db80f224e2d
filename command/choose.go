package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/clouds"
	"github.com/gophercloud-websso/websso/command/internal/screen"
	"github.com/gophercloud-websso/websso/internal/cloudconf"
	"github.com/gophercloud-websso/websso/internal/keystone"
	"github.com/gophercloud-websso/websso/internal/terminal"
)

// forCloud runs a command for the one cloud that the user means.
func forCloud(run func(context.Context, *app, *cloud) error) func(context.Context, *app, []string) error {
	return func(ctx context.Context, a *app, _ []string) error {
		c, err := a.chosenCloud()
		if err != nil {
			return err
		}
		return run(ctx, a, c)
	}
}

// clouds returns the cloud that the user means or, with --all, every one.
func (a *app) clouds() ([]*cloud, error) {
	if a.bool("all") {
		return a.allClouds()
	}
	c, err := a.chosenCloud()
	return []*cloud{c}, err
}

// chosenCloud returns the one cloud that the user means.
func (a *app) chosenCloud() (*cloud, error) {
	opts, err := a.cloudOptions()
	if err != nil {
		return nil, err
	}
	a.noteIgnored()
	c, err := a.parse(a.get("OS_CLOUD"), opts)
	if err == nil && c.name != "" && a.env["OS_AUTH_URL"] != "" && a.cmd.Name() != "doctor" {
		c.noteOtherKeystone()
	}
	return c, err
}

// noteOtherKeystone tells of a URL, maybe left over from an openrc file, that sends the
// cloud's name to the Keystone of another one.
func (c *cloud) noteOtherKeystone() {
	for _, s := range c.settings().Settings {
		if s.Key == "auth_url" && len(s.Hidden) > 0 && c.app.option("OS_AUTH_URL") == "" {
			c.app.screen.Say("OS_AUTH_URL (%s) hides the auth_url of cloud %s (%s); unset it if that is not what you want",
				terminal.Address(s.Value.Text), c.name, terminal.Address(s.Hidden[0].Text))
		}
	}
}

// noteIgnored tells of variables that the user may have meant, although they are as an
// earlier env or exec has set them.
func (a *app) noteIgnored() {
	for _, name := range a.user.Ignored {
		option := strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(name, "OS_")), "_", "-")
		if !a.isSet("cloud") && !a.isSet(option) && (option == "insecure" || !a.anyScope()) {
			a.screen.Say("%s is what an earlier env or exec has set, so it does not count; if you mean it, use --%s", name, option)
		}
	}
}

// allClouds returns every v3websso cloud in clouds.yaml, and then those of other sign-ins. It
// warns about one that can't be used and leaves it out, so that the others still work.
func (a *app) allClouds() ([]*cloud, error) {
	if a.isSet("cloud") {
		return nil, unusable(errors.New("use either --all or --cloud"))
	}
	// What overrides each cloud of a clouds.yaml does not count. OS_USERNAME stays: it is for the
	// sign-ins of all clouds.
	a.forget("OS_CLIENT_CONFIG_FILE", "OS_CLIENT_SECURE_FILE", "OS_USERNAME", "OS_CACERT", "OS_CERT", "OS_KEY", "OS_REDIRECT_HOST", "OS_REDIRECT_PORT", "OS_LOGIN_TIMEOUT")
	names, unread := clouds.Names(a.sources()...)
	var all []*cloud
	for _, name := range names {
		opts, err := a.cloudOptions()
		if err != nil {
			return nil, err
		}
		c, err := a.parse(name, append(opts, clouds.WithCloudName(name)))
		switch {
		case errors.Is(err, clouds.ErrAuthType):
		case err != nil:
			a.screen.Say("left out: %s", screen.Unmarked(err))
		default:
			all = append(all, c)
		}
	}
	others, err := a.undescribed(all)
	if unread != nil {
		unread = unusable(a.explainParse("", unread))
		if len(others) == 0 {
			return nil, unread
		}
		a.screen.Say("%s", screen.Unmarked(unread))
	}
	return append(all, others...), err
}

// cloudOptions returns all options for package clouds.
func (a *app) cloudOptions() ([]clouds.ParseOption, error) {
	if d := a.duration("min-validity"); d < 0 {
		return nil, unusable(fmt.Errorf("negative --min-validity (or WEBSSO_MIN_VALIDITY) %s: use a time such as 1h", d))
	}
	opts := a.sources()
	if a.isSet("insecure") {
		opts = append(opts, clouds.WithInsecure(a.bool("insecure")))
	}
	return a.withScope(opts)
}

// withScope adds the option for the scope that the flags ask for, if they ask for one.
func (a *app) withScope(opts []clouds.ParseOption) ([]clouds.ParseOption, error) {
	asked := gophercloud.AuthScope{
		ProjectID:   a.text("project-id"),
		ProjectName: a.text("project-name"),
		DomainID:    cmp.Or(a.text("project-domain-id"), a.text("domain-id")),
		DomainName:  cmp.Or(a.text("project-domain-name"), a.text("domain-name")),
		TrustID:     a.text("trust-id"),
		System:      a.isSet("system-scope"),
	}
	// An ID wins over a name.
	if asked.DomainID != "" {
		asked.DomainName = ""
	}
	if asked.ProjectID != "" {
		asked.ProjectName, asked.DomainID, asked.DomainName = "", "", ""
	}
	switch hasDomain := asked.DomainID+asked.DomainName != ""; {
	case a.bool("unscoped") && slices.Contains([]string{"token", "credential"}, a.cmd.Name()):
		return append(opts, clouds.WithScope(&gophercloud.AuthScope{})), nil
	case asked == (gophercloud.AuthScope{}):
		return opts, nil
	case asked.ProjectName != "" && !hasDomain:
		return append(opts, clouds.WithAuthOptions(func(ao *websso.AuthOptions) {
			if own := ao.Scope; own != nil && own.ProjectName != "" {
				asked.DomainID, asked.DomainName = own.DomainID, own.DomainName
			}
			ao.Scope = &asked
		})), nil
	case asked.ProjectName == "" && (a.isSet("project-domain-id") || a.isSet("project-domain-name")):
		return nil, unusable(errors.New("--project-domain-name and --project-domain-id need --project-name"))
	}
	return append(opts, clouds.WithScope(&asked)), nil
}

// parse reads the cloud of a name, or without one what the options and variables describe.
func (a *app) parse(name string, opts []clouds.ParseOption) (*cloud, error) {
	c, err := a.newCloud(opts)
	if err != nil {
		return nil, unusable(a.explainParse(name, err))
	}
	return c, nil
}

func (a *app) newCloud(opts []clouds.ParseOption) (*cloud, error) {
	c := &cloud{app: a}
	// First, because the program's options may call the cloud something else.
	named := clouds.WithAuthOptions(func(ao *websso.AuthOptions) { c.name = ao.CloudName })
	var err error
	if c.opts, c.endpoint, c.tls, err = clouds.Parse(slices.Insert(opts, 0, named)...); err != nil {
		return nil, err
	}
	ao := &c.opts
	if ao.Cache == nil {
		ao.Cache = a.cache
	}
	if a.isSet("username") {
		ao.Username = a.text("username")
	}
	ao.Timeout = cmp.Or(a.duration("timeout"), ao.Timeout)
	if a.bool("no-browser") { // the user opens the address; the library's own minute is for a browser
		ao.Timeout = cmp.Or(ao.Timeout, 5*time.Minute)
	}
	ao.NonInteractive = a.bool("non-interactive")
	ao.Unattended = a.cmd.Name() != "login" && !a.screen.IsTerminal()
	ao.MinValidity = a.duration("min-validity")
	ao.ProgramName = a.cmd.Root().Name()
	if ao.Output == nil {
		ao.Output = a.screen
	}
	if ao.OpenURL == nil {
		ao.OpenURL = c.open
	}
	return c, nil
}

// undescribed returns the clouds of the cached sign-ins that none of the described ones has:
// of clouds that no file describes any more, and of other accounts.
func (a *app) undescribed(described []*cloud) ([]*cloud, error) {
	signIns, err := websso.SignIns(a.cacheOf(described))
	if err != nil {
		fmt.Fprintln(a.screen, err) // once: logout may find the same
	}
	var all []*cloud
	for _, s := range signIns {
		if slices.ContainsFunc(described, func(c *cloud) bool { return sameSignIn(c.opts, s.Options) }) {
			continue
		}
		c, err := a.ofSignIn(s, s.Options.TLSFiles)
		if err != nil { // a file is gone; the sign-in can still be forgotten
			a.screen.Say("%s; if it is elsewhere now, say so with --cacert, --cert and --key", screen.Unmarked(err))
			c, err = a.ofSignIn(s, websso.TLSFiles{CACert: a.get("OS_CACERT"), Cert: a.get("OS_CERT"), Key: a.get("OS_KEY")})
		}
		if err != nil {
			return nil, unusable(err)
		}
		if i := slices.IndexFunc(described, func(c *cloud) bool { return sameCloud(c.opts, s.Options) }); i >= 0 {
			c.name = described[i].name // another account there
		}
		all = append(all, c)
	}
	return all, nil
}

// cacheOf returns the cache of the clouds, which is the program's own if it has one.
func (a *app) cacheOf(all []*cloud) websso.Cache {
	if len(all) > 0 {
		return all[0].opts.Cache
	}
	return a.cache
}

// ofSignIn returns a cloud that is described by a cached sign-in alone.
func (a *app) ofSignIn(s websso.SignIn, files websso.TLSFiles) (*cloud, error) {
	v := map[string]string{
		"OS_AUTH_TYPE": cloudconf.AuthType, "OS_AUTH_URL": s.Options.IdentityEndpoint,
		"OS_IDENTITY_PROVIDER": s.Options.IdentityProvider, "OS_PROTOCOL": s.Options.Protocol,
		"OS_CACERT": files.CACert, "OS_CERT": files.Cert, "OS_KEY": files.Key, "OS_INSECURE": strconv.FormatBool(s.Unverified),
	}
	c, err := a.newCloud([]clouds.ParseOption{clouds.WithEnv(func(name string) (string, bool) { return v[name], v[name] != "" })})
	if err == nil {
		c.opts.Cache, c.opts.Username = s.Options.Cache, s.Options.Username
	}
	return c, err
}

// sameSignIn reports whether two options name the same sign-in.
func sameSignIn(a, b websso.AuthOptions) bool { return sameCloud(a, b) && a.Username == b.Username }

func sameCloud(a, b websso.AuthOptions) bool {
	one, oneErr := keystone.ParseEndpoint(a.IdentityEndpoint)
	two, twoErr := keystone.ParseEndpoint(b.IdentityEndpoint)
	return errors.Join(oneErr, twoErr) == nil && one == two &&
		a.IdentityProvider == b.IdentityProvider && a.Protocol == b.Protocol
}
