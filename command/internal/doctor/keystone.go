package doctor

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gophercloud-websso/websso/internal/cloudconf"
	"github.com/gophercloud-websso/websso/internal/keystone"
	"github.com/gophercloud-websso/websso/internal/loopback"
	"github.com/gophercloud-websso/websso/internal/tab"
	"github.com/gophercloud-websso/websso/internal/terminal"
)

const (
	clockTolerance     = time.Minute         // what clocks may differ by without a warning
	certificateWarning = 14 * 24 * time.Hour // how long before its end a certificate is a warning
)

// keystone looks at Keystone as a sign-in does before it opens the browser.
func (p *Patient) keystone(ctx context.Context) []Finding {
	client := keystone.NewClient(p.Client(), p.Endpoint)
	trusted := tab.Origin(p.Host, p.Port) + tab.Path
	seen := client.Look(ctx, keystone.Start{IdentityProvider: p.Options.IdentityProvider, Protocol: p.Options.Protocol, Origin: trusted}, true)
	all, reached := p.connection(seen)
	if reached {
		all = append(all, p.provider(seen))
	}
	conf := Finding{"keystone.conf", Unchecked, "only a sign-in shows whether [federation] has exactly this line", "", "trusted_dashboard = " + trusted}
	if p.Callback == trusted {
		conf.State, conf.Found = OK, "your sign-in came by it, so [federation] has this line"
	}
	return append(all, conf)
}

// connection says what answers at the address, how it is protected, and what time it is
// there.
func (p *Patient) connection(seen keystone.Seen) (all []Finding, reached bool) {
	a := seen.Endpoint
	f := Finding{Check: "keystone", State: OK, Found: terminal.Printable(p.Endpoint)}
	switch {
	case seen.Connection != nil:
		f = FaultOf("keystone", p.Named(seen.Connection))
		var refused *tls.CertificateVerificationError
		if errors.As(seen.Connection, &refused) && len(refused.UnverifiedCertificates) > 0 {
			chain := refused.UnverifiedCertificates
			f.Found += " (its chain ends at " + terminal.Printable(chain[len(chain)-1].Issuer.String()) + ")"
		}
		return []Finding{f}, false
	case a.Err != nil:
		f.State, f.Found = Fault, f.Found+" does not answer ("+terminal.Printable(a.Err.Error())+")"
		f.Advice = "check " + p.NameOf(cloudconf.AuthURL) + ", and this computer's network, VPN and proxy"
	case seen.Address != nil:
		f = FaultOf("keystone", p.Named(seen.Address))
	case a.Status >= 500:
		f.State, f.Advice = Fault, "try again later, or tell the cloud's operator"
		f.Found += " fails: it answered " + status(a.Status)
	case seen.Version == "":
		f.State, f.Advice = Warning, "check "+p.NameOf(cloudconf.AuthURL)
		f.Found += " does not say that it is Keystone: it answered " + status(a.Status)
	default:
		f.Found += fmt.Sprintf(" is Keystone (API %s), and answered in %s", terminal.Printable(seen.Version), a.Took.Round(time.Millisecond))
	}
	if req, err := http.NewRequest(http.MethodGet, p.Endpoint, nil); err == nil { //nolint:noctx // it is not made
		if proxy, err := http.ProxyFromEnvironment(req); err == nil && proxy != nil && !strings.Contains(f.Found, proxy.Host) {
			f.Found += ", through the proxy " + terminal.Printable(proxy.Scheme+"://"+proxy.Host)
		}
	}
	all = append(all, f)
	if f.State == Fault {
		return all, false
	}
	if there, err := http.ParseTime(a.Header.Get("Date")); err == nil {
		ahead := a.Start.Add(a.Took / 2).Sub(there).Round(time.Second)
		if ahead.Abs() >= clockTolerance {
			all = append(all, Finding{"clock", Warning, fmt.Sprintf("this computer's clock and Keystone's differ by %s", terminal.Duration(ahead.Abs())), "set it, best by NTP", ""})
		}
	}
	return append(all, p.certificate(a.TLS)...), true
}

func status(code int) string { return fmt.Sprintf("%d %s", code, http.StatusText(code)) }

// certificate warns of a connection that others can read, or that soon fails.
func (p *Patient) certificate(state *tls.ConnectionState) []Finding {
	f := Finding{Check: "certificate", State: Warning}
	switch u, err := url.Parse(p.Endpoint); {
	case state == nil && err == nil && loopback.IsHost(u.Hostname()):
		return nil
	case state == nil:
		f.Found, f.Advice = "none: http is not encrypted, and anyone on the network can read your tokens", "use https in "+p.NameOf(cloudconf.AuthURL)+", if the cloud has it"
	case p.Insecure:
		f.Found, f.Advice = "not verified; anyone on the network can read along", "set cacert to the file of your cloud's CA instead"
	default:
		end := state.PeerCertificates[0].NotAfter
		f.Found = "trusted, and valid until " + end.Local().Format(time.DateOnly)
		if f.State = OK; time.Until(end) < certificateWarning {
			f.State, f.Advice = Warning, "tell the cloud's operator, unless it is renewed by itself"
		}
	}
	return []Finding{f}
}

// provider says whether Keystone knows the identity provider and the protocol, as far as
// the answer at the beginning of a sign-in shows it.
func (p *Patient) provider(seen keystone.Seen) Finding {
	a := seen.Begin
	if seen.Provider != nil {
		return FaultOf("provider", p.Named(seen.Provider))
	}
	f := Finding{Check: "provider", State: OK, Found: strings.TrimPrefix(p.Options.IdentityProvider+", ", ", ") + "protocol " + p.Options.Protocol}
	to := ""
	if u, err := url.Parse(a.Header.Get("Location")); err == nil && u.Host != "" {
		to = " at " + terminal.Printable(u.Host)
	}
	switch {
	case a.Err != nil:
		f.State, f.Found = Warning, f.Found+": no answer where the sign-in begins ("+terminal.Printable(a.Err.Error())+")"
	case a.Status/100 == 3:
		f.Found += "; the sign-in goes on" + to
	case a.Status >= 400 && a.Status != http.StatusUnauthorized:
		f.State, f.Found = Fault, f.Found+": where the sign-in begins, the web server answered "+status(a.Status)
		f.Advice = "check " + p.NameOf(cloudconf.AuthURL) + ", or tell the cloud's operator; the web server's error log says why"
	}
	return f
}
