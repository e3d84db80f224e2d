package doctor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"

	"github.com/gophercloud-websso/websso/internal/browser"
	"github.com/gophercloud-websso/websso/internal/loopback"
)

// port tries to listen as a sign-in does.
func (p *Patient) port(ctx context.Context) Finding {
	listeners, err := loopback.Listen(ctx, p.Host, p.Port)
	var addresses []string
	for _, l := range listeners {
		host, _, _ := net.SplitHostPort(l.Addr().String())
		addresses = append(addresses, host)
		l.Close()
	}
	if err == nil {
		return Finding{Check: "port", State: OK, Found: fmt.Sprintf("%d is free on %s", p.Port, strings.Join(addresses, " and "))}
	}
	f := FaultOf("port", err)
	f.Advice = "choose another port above 1023 that Keystone trusts, with --redirect-port"
	if errors.Is(err, loopback.ErrInUse) {
		f.Found += " is taken"
		f.Advice = "end that program, or a sign-in that waits there, or " + f.Advice
	}
	return f
}

// browser says what a sign-in would open.
func (p *Patient) browser() Finding {
	program, err := p.Browser.Find()
	f := Finding{Check: "browser", State: OK, Found: program}
	if errors.Is(err, browser.ErrNoProgram) {
		f = FaultOf("browser", err)
		f.Advice = "correct it or leave it out"
	} else if err != nil {
		f.State, f.Found, f.Advice = Warning, err.Error(), "the address is printed, to be opened by hand"
	}
	if hint := p.Browser.ForwardHint(p.Host, p.Port); hint != "" && f.State == Warning {
		f.Advice, f.Copy, _ = strings.Cut(hint, ":\n")
		f.Copy = strings.TrimSpace(f.Copy)
	}
	return f
}

// cache says where sign-ins are cached, and whether that works.
func (p *Patient) cache() Finding {
	f := Finding{Check: "cache", State: OK, Found: p.CacheDir}
	if p.CacheDir == "" {
		return Finding{"cache", Warning, "in memory, so each command asks you to sign in", "leave out --cache memory and WEBSSO_CACHE", ""}
	}
	_, missing := os.Stat(p.CacheDir)
	const key = "doctor"
	err := p.Cache.Set(key, "x")
	if err == nil {
		err = p.Cache.Delete(key)
	}
	if err != nil {
		return FaultOf("cache", err)
	}
	if missing != nil {
		_ = os.Remove(p.CacheDir) // the first sign-in makes it
	}
	f.Found += " works"
	return f
}
