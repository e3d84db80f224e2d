package command

import (
	"context"
	"os"
	"runtime"
	"strings"

	"github.com/gophercloud-websso/websso/loopbackkeystone"
)

// startKeystone signs in and starts a Keystone for a command. Until then ctx ends it,
// afterwards Close alone: Ctrl-C belongs to the command, which may have to tidy up.
func (c *cloud) startKeystone(ctx context.Context) (*loopbackkeystone.Server, error) {
	serving, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	unlink := context.AfterFunc(ctx, func() { cancel(context.Cause(ctx)) })
	server, err := loopbackkeystone.Start(serving, c.client(), c.opts)
	if unlink() && err == nil {
		return server, nil
	}
	if err == nil {
		server.Close()
		err = context.Cause(ctx)
	}
	cancel(nil)
	return nil, c.classify(err)
}

// renewing returns the environment that signs in a command at server.
func (c *cloud) renewing(server *loopbackkeystone.Server) []setting {
	set := c.connection()
	for _, variable := range server.Env() {
		name, value, _ := strings.Cut(variable, "=")
		set[name] = value
	}
	for name, value := range notThroughProxy(os.Getenv) {
		set[name] = value
	}
	return withoutStrays(set)
}

// notThroughProxy returns the variables that keep requests to the server from a proxy, if
// there is one. Go's programs never ask one for 127.0.0.1, Python's do.
func notThroughProxy(getenv func(string) string) map[string]string {
	both := []string{"no_proxy", "NO_PROXY"}
	if runtime.GOOS == "windows" {
		both = both[1:] // they are one variable
	}
	proxied := false
	for _, name := range []string{"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"} {
		proxied = proxied || getenv(name) != ""
	}
	if !proxied {
		return nil
	}
	set := make(map[string]string)
	for _, name := range both {
		switch own := getenv(name); own {
		case "*": // already none
		case "":
			// A tool that reads both takes the first one that is set.
			other := getenv(both[0])
			if other == "" {
				other = getenv(both[len(both)-1])
			}
			if other != "*" {
				set[name] = strings.TrimPrefix(other+",127.0.0.1", ",")
			}
		default:
			set[name] = own + ",127.0.0.1"
		}
	}
	return set
}
