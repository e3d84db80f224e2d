package command

import (
	"cmp"
	"context"
	"os"
	"slices"
	"strings"

	"github.com/gophercloud-websso/websso/command/internal/handover"
	"github.com/gophercloud-websso/websso/internal/cloudconf"
	"github.com/gophercloud-websso/websso/loopbackkeystone"
)

// handedOver signs in and returns the cloud as tools get it. They rescope the token; with
// --unscoped they get the unscoped one, which Keystone always lets them rescope.
func (c *cloud) handedOver(ctx context.Context) (handover.Cloud, error) {
	unscoped, check := c.app.bool("unscoped"), c.app.bool("check")
	token, err := c.signIn(ctx, check)
	if err != nil {
		return handover.Cloud{}, err
	}
	if !unscoped {
		c.noteNoProject()
	}
	handed := c.connection()
	handed.AuthURL, handed.Token = token.AuthURL, token.ID
	if scope := c.opts.Scope; scope != nil && scope.TrustID != "" {
		// Keystone does not rescope a trust's token.
		handed.TrustID, unscoped = scope.TrustID, true
	} else if scope != nil {
		handed.System, handed.ProjectID, handed.DomainID = scope.System, token.Project.ID, token.Domain.ID
	}
	if unscoped && c.opts.Scope != nil {
		bare := c.scoped(nil)
		bare.opts.MinValidity = 0 // that has just been asked for
		token, err = bare.signIn(ctx, check)
		if err != nil {
			return handover.Cloud{}, err
		}
		handed.Token = token.ID
	}
	return handed, nil
}

// startKeystone signs in and starts a Keystone for a command. ctx does not end that:
// Ctrl-C belongs to the command, which may have to tidy up.
func (c *cloud) startKeystone(ctx context.Context) (*loopbackkeystone.Server, error) {
	if _, err := c.signIn(ctx, c.app.bool("check")); err != nil {
		return nil, err
	}
	c.noteNoProject()
	opts := c.opts
	opts.MinValidity = 0 // that has just been asked for
	named := context.WithValue(context.WithoutCancel(ctx), cloudconf.NamesKey{}, cloudconf.Names(c.names))
	server, err := loopbackkeystone.Start(named, c.client(), opts)
	return server, c.rename(err)
}

// connection returns what tools get about Keystone, services and TLS.
func (c *cloud) connection() handover.Cloud {
	return handover.Cloud{
		AuthURL: c.opts.IdentityEndpoint, Region: c.endpoint.Region, Interface: string(c.endpoint.Availability),
		CACert: c.opts.TLSFiles.CACert, Cert: c.opts.TLSFiles.Cert, Key: c.opts.TLSFiles.Key, Insecure: c.isInsecure(),
	}
}

// writeFiles writes the user's files with the cloud as tools get it, and returns their
// directory with the function that removes it. A cloud that no file describes needs none.
func (c *cloud) writeFiles(ctx context.Context, handed handover.Cloud) (dir string, remove func()) {
	if c.name == "" {
		return "", func() {}
	}
	own := c.settings()
	description := handover.Description{Cloud: c.name, Clouds: own.Clouds, Secure: own.Secure, OnDisk: c.app.cacheKind() == cacheFile}
	dir, remove, err := description.Write(ctx, handed)
	if err != nil {
		c.app.screen.Say("tools that read clouds.yaml don't get this sign-in: %v", err)
		return "", func() {}
	}
	return dir, remove
}

// notThroughProxy returns the changes that keep requests to this computer from a proxy, if
// there is one. Go's programs never ask one for 127.0.0.1, Python's do.
func notThroughProxy() []handover.Change {
	own := cmp.Or(os.Getenv("no_proxy"), os.Getenv("NO_PROXY")) // a tool that reads both takes the first one that is set
	proxy := cmp.Or(os.Getenv("http_proxy"), os.Getenv("HTTP_PROXY"), os.Getenv("all_proxy"), os.Getenv("ALL_PROXY"))
	if proxy == "" || own == "*" {
		return nil
	}
	if !slices.Contains(strings.Split(own, ","), "127.0.0.1") {
		own = strings.TrimPrefix(own+",127.0.0.1", ",")
	}
	return []handover.Change{{Name: "no_proxy", Value: own}, {Name: "NO_PROXY", Value: own}}
}
