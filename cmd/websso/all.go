package main

import (
	"errors"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/gophercloud-websso/websso/clouds"
)

func allFlag(usage string) cli.Flag {
	return &cli.BoolFlag{Name: "all", Usage: usage, HideDefault: true, Local: true}
}

// allClouds returns every v3websso cloud in clouds.yaml. It warns about one that can't be
// used and leaves it out, so that the others still work.
func (a *app) allClouds(c *cli.Command) ([]*cloud, error) {
	if c.IsSet("cloud") {
		return nil, unusable{errors.New("use either --all or --cloud")}
	}
	forgetClouds()
	names, err := clouds.Names()
	if err != nil {
		return nil, unusable{explainParse("", err)}
	}
	opts, err := a.parseOptions(c)
	if err != nil {
		return nil, unusable{err}
	}
	var all []*cloud
	for _, name := range names {
		cloud, err := a.parse(name, givenFlags(c), slices.Concat(opts, []clouds.ParseOption{clouds.WithCloudName(name)})...)
		switch {
		case errors.Is(err, clouds.ErrAuthType):
		case err != nil:
			a.screen.say("left out: %s", strings.TrimPrefix(err.Error(), mark+" "))
		default:
			cloud.cachedIn = describeCache(c.String("cache"), c.String("cache-dir"))
			all = append(all, cloud)
		}
	}
	return all, nil
}
