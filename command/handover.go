package command

import (
	"context"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/gophercloud-websso/websso/clouds"
	"github.com/gophercloud-websso/websso/command/internal/handover"
	"github.com/gophercloud-websso/websso/loopbackkeystone"
)

// handedOver signs in and returns the cloud as tools get it. They rescope the token; with
// --unscoped they get the unscoped one, which Keystone always lets them rescope.
func (c *cloud) handedOver(ctx context.Context) (handover.Cloud, error) {
	unscoped, check := c.app.bool("unscoped"), c.app.bool("check")
	client, err := c.signIn(ctx, check)
	if err != nil {
		return handover.Cloud{}, err
	}
	result, err := authResult(client)
	if err != nil {
		return handover.Cloud{}, err
	}
	handed := c.connection()
	handed.AuthURL, handed.Token = authURL(client), client.Token()
	if scope := c.opts.Scope; scope != nil {
		switch {
		case scope.TrustID != "":
			// Keystone does not rescope a trust's token.
			handed.TrustID, unscoped = scope.TrustID, true
		case scope.System:
			handed.System = true
		default:
			if project, err := result.ExtractProject(); err == nil && project != nil {
				handed.ProjectID = project.ID
			} else if domain, err := result.ExtractDomain(); err == nil && domain != nil {
				handed.DomainID = domain.ID
			}
		}
	}
	if unscoped && c.opts.Scope != nil {
		bare := c.unscoped()
		bare.opts.MinValidity = 0 // that has just been asked for
		client, err = bare.signIn(ctx, check)
		if err != nil {
			return handover.Cloud{}, err
		}
		handed.Token = client.Token()
	}
	return handed, nil
}

// renewed returns the cloud as tools get it from server.
func (c *cloud) renewed(server *loopbackkeystone.Server) handover.Cloud {
	handed := c.connection()
	handed.AuthURL = c.opts.IdentityEndpoint
	handed.Renewing = handover.Renewing{URL: server.URL, ID: server.ID, Secret: server.Secret}
	return handed
}

// connection returns what tools get about services and TLS.
func (c *cloud) connection() handover.Cloud {
	return handover.Cloud{
		Region: c.endpoint.Region, Interface: string(c.endpoint.Availability),
		CACert: c.opts.TLSFiles.CACert, Cert: c.opts.TLSFiles.Cert, Key: c.opts.TLSFiles.Key, Insecure: c.isInsecure(),
	}
}

// writeFiles writes the user's files with the cloud as tools get it, and returns the
// function that removes them. A cloud that no file describes needs none.
func (c *cloud) writeFiles(ctx context.Context, handed handover.Cloud) (handover.Files, func()) {
	if c.name == "" {
		return handover.Files{}, func() {}
	}
	own := clouds.Explain(c.app.sources()...)
	files, remove, err := handover.Description{
		Cloud: c.name, Clouds: own.Clouds, Secure: own.Secure, OnDisk: c.app.text("cache") == cacheFile,
	}.Write(ctx, handed)
	if err != nil {
		c.app.screen.Say("tools that read clouds.yaml don't get this sign-in: %v", err)
		return handover.Files{}, func() {}
	}
	return files, remove
}

// notThroughProxy returns the changes that keep requests to this computer from a proxy, if
// there is one. Go's programs never ask one for 127.0.0.1, Python's do.
func notThroughProxy() []handover.Change {
	both := []string{"no_proxy", "NO_PROXY"}
	if runtime.GOOS == "windows" {
		both = both[1:] // they are one variable
	}
	if !slices.ContainsFunc([]string{"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"}, func(name string) bool { return os.Getenv(name) != "" }) {
		return nil
	}
	var changes []handover.Change
	for _, name := range both {
		own := os.Getenv(name)
		for _, other := range both {
			if own == "" {
				own = os.Getenv(other) // a tool that reads both takes the first one that is set
			}
		}
		if own != "*" && !slices.Contains(strings.Split(own, ","), "127.0.0.1") { // else already none
			changes = append(changes, handover.Change{Name: name, Value: strings.TrimPrefix(own+",127.0.0.1", ",")})
		}
	}
	return changes
}
