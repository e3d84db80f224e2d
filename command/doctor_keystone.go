package command

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/gophercloud-websso/websso/internal/keystone"
	"github.com/gophercloud-websso/websso/internal/loopback"
	"github.com/gophercloud-websso/websso/internal/tab"
	"github.com/gophercloud-websso/websso/internal/terminal"
)

const (
	// answerTime is how long Keystone has for an answer, which takes a good one
	// milliseconds.
	answerTime = 5 * time.Second

	// clockTolerance is what the clocks may differ by before it is worth telling.
	clockTolerance = time.Minute

	// certificateWarning is how long before its end a certificate is told of.
	certificateWarning = 14 * 24 * time.Hour

	// noSuchName is the name of an identity provider or protocol that no cloud has.
	noSuchName = "websso-doctor-no-such-name"
)

// keystone looks at Keystone as a sign-in does before it opens the browser.
func (p patient) keystone(ctx context.Context) []finding {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	c := p.cloud
	client := keystone.NewClient(c.client(), p.endpoint)
	trusted := c.trustedDashboard()
	begin := func(idp, protocol string) keystone.Start {
		return keystone.Start{IdentityProvider: idp, Protocol: protocol, Origin: trusted}
	}
	// If a name that does not exist is sent to sign in as well, an answer says nothing
	// about the names.
	other := make(chan keystone.Seen, 1)
	go func() {
		if c.opts.IdentityProvider == "" {
			other <- client.Examine(ctx, begin("", noSuchName))
			return
		}
		other <- client.Examine(ctx, begin(noSuchName, c.opts.Protocol))
	}()
	seen := client.Examine(ctx, begin(c.opts.IdentityProvider, c.opts.Protocol))
	all := c.addressFindings(p.endpoint, seen)
	if !hasFault(all) {
		all = append(all, c.providerFinding(seen, <-other))
	}
	return append(all, finding{
		Check: "keystone.conf", State: stateUnchecked,
		Found: "only a sign-in shows whether [federation] has exactly this line", Copy: "trusted_dashboard = " + trusted,
	})
}

func hasFault(findings []finding) bool {
	for _, f := range findings {
		if f.State == stateFault {
			return true
		}
	}
	return false
}

// trustedDashboard is what Keystone must trust.
func (c *cloud) trustedDashboard() string {
	host, port := c.redirect()
	return tab.Origin(host, port) + tab.Path
}

// addressFindings says what answers at the address, how it is protected, and what time it
// is there.
func (c *cloud) addressFindings(endpoint string, seen keystone.Seen) []finding {
	var all []finding
	if seen.Connection != nil {
		f := faultOf("keystone", c.rename(seen.Connection))
		var refused *tls.CertificateVerificationError
		if errors.As(seen.Connection, &refused) {
			f.Check = "certificate"
			if chain := refused.UnverifiedCertificates; len(chain) > 0 {
				f.Found += fmt.Sprintf(" (its chain ends at %s; trusted is what is in %s)", authority(chain[len(chain)-1].Issuer.String()), c.authorities())
			}
		}
		return append(all, f)
	}
	f := finding{Check: "keystone", State: stateOK, Found: endpoint}
	took := seen.Endpoint.End.Sub(seen.Endpoint.Start).Round(time.Millisecond)
	switch status := seen.Endpoint.Status; {
	case seen.Endpoint.Err != nil:
		return append(all, c.noAnswer(seen.Endpoint.Err))
	case seen.Address != nil:
		f = faultOf("keystone", c.rename(seen.Address))
	case status >= 500:
		f.State, f.Advice = stateFault, "try again later, or tell the cloud's operator"
		f.Found += fmt.Sprintf(" fails: it answered %d %s", status, http.StatusText(status))
	case seen.Version == "":
		f.State, f.Advice = stateWarning, "check "+c.nameOf("auth_url")
		f.Found += fmt.Sprintf(" does not say that it is Keystone: it answered %d %s", status, http.StatusText(status))
	default:
		f.Found += fmt.Sprintf(" is Keystone (API %s), and answered in %s", terminal.Printable(seen.Version), took)
	}
	if through := proxyFor(endpoint); through != "" {
		f.Found += ", through the proxy " + through
	}
	all = append(all, f)
	all = append(all, c.certificateFinding(endpoint, seen.Endpoint.TLS)...)
	return append(all, clockFinding(seen.Endpoint)...)
}

// noAnswer explains a connection that failed for a reason that need not be in the
// settings.
func (c *cloud) noAnswer(err error) finding {
	f := finding{Check: "keystone", State: stateFault, Found: "no answer from " + c.host()}
	if errors.Is(err, context.DeadlineExceeded) {
		f.Found += fmt.Sprintf(" within %s", terminal.Duration(answerTime))
	} else {
		f.Found += " (" + terminal.Printable(err.Error()) + ")"
	}
	f.Advice = "check " + c.nameOf("auth_url") + ", and this computer's network, VPN and proxy"
	return f
}

// proxyFor returns the proxy to an address, without a password, or "".
func proxyFor(address string) string {
	req, err := http.NewRequest(http.MethodGet, address, nil) //nolint:noctx // it is not made
	if err != nil {
		return ""
	}
	proxy, err := http.ProxyFromEnvironment(req)
	if err != nil || proxy == nil {
		return ""
	}
	return terminal.Printable(proxy.Redacted())
}

// authorities says where the trusted certificate authorities come from.
func (c *cloud) authorities() string {
	switch file := os.Getenv("SSL_CERT_FILE"); {
	case c.cacert != "":
		return c.cacert + " (" + c.nameOf("cacert") + ")"
	case file != "":
		return file + " (SSL_CERT_FILE)"
	}
	return "the system's store"
}

// authority is a certificate authority as a message shows it.
func authority(name string) string { return terminal.Printable(name) }

func (c *cloud) certificateFinding(endpoint string, state *tls.ConnectionState) []finding {
	f := finding{Check: "certificate", State: stateOK}
	switch {
	case state == nil:
		u, err := url.Parse(endpoint)
		if err == nil && loopback.IsHost(u.Hostname()) {
			return nil
		}
		f.State, f.Found = stateWarning, "none: http is not encrypted, and anyone on the network can read your tokens"
		f.Advice = "use https in " + c.nameOf("auth_url") + ", if the cloud has it"
		return []finding{f}
	case c.isInsecure():
		f.State, f.Found = stateWarning, "not verified, because the cloud or --insecure says so; anyone on the network can read along"
		f.Advice = "set cacert to the file of your cloud's CA instead"
		return []finding{f}
	case len(state.VerifiedChains) == 0:
		return nil
	}
	chain := state.VerifiedChains[0]
	end := soonest(chain)
	f.Found = fmt.Sprintf("valid until %s; its chain ends at %s, which is in %s", end.Local().Format(time.DateOnly), authority(chain[len(chain)-1].Subject.String()), c.authorities())
	if time.Until(end) < certificateWarning {
		f.State, f.Advice = stateWarning, "tell the cloud's operator, unless it is renewed by itself"
	}
	return []finding{f}
}

// soonest returns when the first certificate of a chain expires.
func soonest(chain []*x509.Certificate) time.Time {
	end := chain[0].NotAfter
	for _, cert := range chain {
		if cert.NotAfter.Before(end) {
			end = cert.NotAfter
		}
	}
	return end
}

// clockFinding compares this computer's clock with the server's, which tells the time to
// the second.
func clockFinding(a keystone.Answer) []finding {
	there, err := http.ParseTime(a.Header.Get("Date"))
	if err != nil {
		return nil
	}
	here := a.Start.Add(a.End.Sub(a.Start) / 2)
	ahead := here.Sub(there).Round(time.Second)
	if ahead.Abs() < clockTolerance {
		return []finding{{Check: "clock", State: stateOK, Found: "the same time here as at Keystone"}}
	}
	what := "ahead of"
	if ahead < 0 {
		what = "behind"
	}
	return []finding{{
		Check: "clock", State: stateWarning, Found: fmt.Sprintf("this computer's clock is %s %s Keystone's", terminal.Duration(ahead.Abs()), what),
		Advice: "set it, best by NTP; a sign-in allows for that, but certificates and other tools don't",
	}}
}

// providerFinding says whether Keystone knows the identity provider and the protocol, as
// far as an answer shows it without a sign-in. other is the answer for a name that
// Keystone does not know.
func (c *cloud) providerFinding(seen, other keystone.Seen) finding {
	if seen.Provider != nil {
		return faultOf("provider", c.rename(seen.Provider))
	}
	name := fmt.Sprintf("%s, protocol %s", c.opts.IdentityProvider, c.opts.Protocol)
	if c.opts.IdentityProvider == "" {
		name = "protocol " + c.opts.Protocol
	}
	f := finding{Check: "provider", State: stateOK, Found: name}
	status := seen.Begin.Status
	answered := fmt.Sprintf("%d %s", status, http.StatusText(status))
	switch {
	case seen.Begin.Err != nil:
		f.State, f.Found, f.Advice = stateWarning, name+": where the sign-in begins did not answer ("+terminal.Printable(seen.Begin.Err.Error())+")", "try again"
	case status >= 500:
		f.State, f.Found = stateFault, name+": where the sign-in begins, the web server answered "+answered
		f.Advice = "tell the cloud's operator; its error log says why, often that the identity provider can't be reached from there"
	case status == http.StatusBadRequest:
		f.State, f.Found = stateFault, name+": where the sign-in begins, Keystone answered "+answered
		f.Advice = "tell the cloud's operator; something in front of Keystone may drop the query"
	case status == http.StatusNotFound, status == http.StatusForbidden:
		f.State, f.Found = stateFault, name+": where the sign-in begins, something other than Keystone answered "+answered
		f.Advice = "check " + c.nameOf("auth_url") + ", or tell the cloud's operator"
	case status/100 == 3 && other.Begin.Status/100 == 3 && other.Provider == nil:
		f.State, f.Found = stateUnchecked, name+": the web server asks everyone to sign in"+to(seen.Begin)+", so only a sign-in shows whether Keystone knows them"
	case status/100 == 3:
		f.Found += "; the sign-in goes on" + to(seen.Begin)
	case status == http.StatusUnauthorized:
		f.Found += "; the browser signs in with " + terminal.Printable(strings.Join(seen.Begin.Header.Values("WWW-Authenticate"), ", "))
	}
	return f
}

// to names the host that an answer redirects to.
func to(a keystone.Answer) string {
	u, err := url.Parse(a.Header.Get("Location"))
	if err != nil || u.Host == "" {
		return ""
	}
	return " at " + terminal.Printable(u.Host)
}
