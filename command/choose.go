package command

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/clouds"
	"github.com/gophercloud-websso/websso/command/internal/screen"
)

// chosenCloud returns the one cloud that the user means.
func (a *app) chosenCloud() (*cloud, error) {
	opts, err := a.cloudOptions()
	if err != nil {
		return nil, err
	}
	a.noteIgnored()
	c, err := a.parse(a.get("OS_CLOUD"), opts)
	if err != nil {
		return nil, err
	}
	if c.name == "" && !a.describesCloud() {
		// The file has one cloud, which needs no name.
		if names, err := clouds.Names(a.sources()...); err == nil && len(names) == 1 {
			c.name = names[0]
		}
	}
	return c, nil
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
		return nil, unusable{errors.New("use either --all or --cloud")}
	}
	a.forgetClouds()
	names, err := clouds.Names(a.sources()...)
	if err != nil {
		others, _ := a.undescribed(nil)
		if len(others) == 0 {
			return nil, unusable{a.explainParse("", err)}
		}
		a.screen.Say("%s", screen.Unmarked(a.explainParse("", err)))
		return others, nil
	}
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
	return append(all, others...), err
}

// cloudOptions returns all options for package clouds.
func (a *app) cloudOptions() ([]clouds.ParseOption, error) {
	opts := a.sources()
	if a.isSet("insecure") {
		opts = append(opts, clouds.WithInsecure(a.bool("insecure")))
	}
	scope, err := a.scopeOption()
	if scope != nil {
		opts = append(opts, scope)
	}
	dir, dirErr := cacheDir(a.text("cache-dir"))
	if err := errors.Join(err, dirErr); err != nil {
		return nil, unusable{err}
	}
	if a.cache == nil {
		a.cache = newCache(a.text("cache"), dir) // one for all clouds
	}
	return append(opts, clouds.WithAuthOptions(func(ao *websso.AuthOptions) {
		if ao.Cache == nil {
			ao.Cache = a.cache
		}
		ao.Timeout = cmp.Or(a.duration("timeout"), ao.Timeout)
		ao.NonInteractive = a.bool("non-interactive")
		if a.isSet("username") {
			ao.Username = a.text("username")
		}
		if a.bool("no-browser") {
			// The library's own minute is for a browser that was opened.
			ao.Timeout = cmp.Or(ao.Timeout, openByHand)
		}
	})), nil
}

// openByHand is the time to sign in if the user opens the address.
const openByHand = 5 * time.Minute

// scopeOption returns the scope that the flags ask for, or nil if they ask for none.
func (a *app) scopeOption() (clouds.ParseOption, error) {
	asked := gophercloud.AuthScope{
		ProjectID:   a.text("project-id"),
		ProjectName: a.text("project-name"),
		DomainID:    cmp.Or(a.text("project-domain-id"), a.text("domain-id")),
		DomainName:  cmp.Or(a.text("project-domain-name"), a.text("domain-name")),
		TrustID:     a.text("trust-id"),
		System:      a.isSet("system-scope"),
	}
	if all := a.text("system-scope"); asked.System && all != "all" {
		return nil, fmt.Errorf("invalid --system-scope %q: Keystone has only \"all\"", all)
	}
	// An ID wins over a name.
	if asked.DomainID != "" {
		asked.DomainName = ""
	}
	if asked.ProjectID != "" {
		asked.ProjectName, asked.DomainID, asked.DomainName = "", "", ""
	}
	hasDomain := asked.DomainID != "" || asked.DomainName != ""
	switch {
	case asked == (gophercloud.AuthScope{}):
		return nil, nil
	case asked.ProjectName != "" && !hasDomain:
		return clouds.WithAuthOptions(func(ao *websso.AuthOptions) {
			if own := ao.Scope; own != nil && own.ProjectName != "" {
				asked.DomainID, asked.DomainName = own.DomainID, own.DomainName
			}
			ao.Scope = &asked
		}), nil
	case asked.ProjectName == "" && (a.isSet("project-domain-id") || a.isSet("project-domain-name")):
		return nil, errors.New("--project-domain-name and --project-domain-id need --project-name")
	}
	return clouds.WithScope(&asked), nil
}

// parse reads the cloud of a name, or without one what the options and variables describe.
func (a *app) parse(name string, opts []clouds.ParseOption) (*cloud, error) {
	c := &cloud{app: a, name: name}
	var err error
	c.opts, c.endpoint, c.tls, err = clouds.Parse(opts...)
	if err != nil {
		return nil, unusable{a.explainParse(name, err)}
	}
	c.opts.MinValidity = a.duration("min-validity")
	c.opts.ProgramName = a.cmd.Root().Name()
	if c.opts.Output == nil {
		c.opts.Output = a.screen
	}
	if c.opts.OpenURL == nil {
		c.opts.OpenURL = c.open
	}
	return c, nil
}
