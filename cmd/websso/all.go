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

// allClouds returns every v3websso cloud in clouds.yaml. One that can't be used is told
// of and left out: it is no reason to leave the others alone.
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
