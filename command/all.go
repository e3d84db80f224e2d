package command

import (
	"errors"
	"slices"

	"github.com/gophercloud-websso/websso/clouds"
	"github.com/gophercloud-websso/websso/command/internal/screen"
)

// allClouds returns every v3websso cloud in clouds.yaml. It warns about one that can't be
// used and leaves it out, so that the others still work.
func (a *app) allClouds() ([]*cloud, error) {
	if a.isSet("cloud") {
		return nil, unusable{errors.New("use either --all or --cloud")}
	}
	forgetClouds()
	names, err := clouds.Names()
	if err != nil {
		return nil, unusable{explainParse("", err)}
	}
	opts, err := a.parseOptions()
	if err != nil {
		return nil, unusable{err}
	}
	var all []*cloud
	for _, name := range names {
		cloud, err := a.parse(name, slices.Concat(opts, []clouds.ParseOption{clouds.WithCloudName(name)})...)
		switch {
		case errors.Is(err, clouds.ErrAuthType):
		case err != nil:
			a.screen.Say("left out: %s", screen.Unmarked(err))
		default:
			cloud.cachedIn = describeCache(a.text("cache"), a.text("cache-dir"))
			all = append(all, cloud)
		}
	}
	return all, nil
}
