package e2e_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/e2e/browsers"
)

// way is a way into the cloud: how Keystone learns who the user is, and what the
// identity provider asks the user for.
type way struct {
	name               string
	provider, protocol string // as Keystone knows them
	user               string
	secondFactor       bool
}

func ways(t *testing.T) []way {
	t.Helper()
	return []way{
		{"OpenID Connect with a second factor", "lemon", "openid", env(t, "TOTP_USER"), true},
		{"SAML", "lime", "saml2", "dwho", false},
		{"SAML with a second factor", "lime", "saml2", env(t, "TOTP_USER"), true},
	}
}

func (w way) options(c *cloud) websso.AuthOptions {
	opts := c.options()
	opts.IdentityProvider, opts.Protocol = w.provider, w.protocol
	return opts
}

// TestWays signs in through SAML and with a second factor. The package does nothing
// special for either.
func TestWays(t *testing.T) {
	c := realCloud(t)
	serveCompute(t, c)
	for _, w := range ways(t) {
		t.Run(w.name, func(t *testing.T) {
			inEachEngine(t, func(t *testing.T, e engine) {
				b := e.browser(t, browsers.Options{})
				a := c.begin(t, w.options(c))
				p := open(t, b, a.url)
				p.logIn(w.user)
				if w.secondFactor {
					p.enterCode(totp(t, env(t, "TOTP_SECRET"), time.Now()))
				}
				if straight, got := p.signsIn(a, w.user), c.asked(t, a.agent); straight && !slices.Equal(got, oneSignIn) {
					t.Errorf("got requests %q, want %q", got, oneSignIn)
				}
				checkServer(t, a.client, w.user)
			})
		})
	}
}

// TestWrongSecondFactor mistypes the code of the second factor. The user starts over from
// the same address in the same tab, and the sign-in is still good.
func TestWrongSecondFactor(t *testing.T) {
	c := realCloud(t)
	w := ways(t)[0]
	b := engines[0].browser(t, browsers.Options{})
	a := c.begin(t, w.options(c))
	p := open(t, b, a.url)
	p.logIn(w.user)
	// The clock may have passed into the next code by the time that this one arrives, so
	// none of those that the identity provider would take.
	wrong := 0
	for slices.Contains(totpAround(t, env(t, "TOTP_SECRET")), fmt.Sprintf("%06d", wrong)) {
		wrong++
	}
	p.enterCode(fmt.Sprintf("%06d", wrong))
	p.wait(`document.readyState === "complete" && !document.querySelector("input[name=code]")`)
	a.waiting()
	if got := c.asked(t, a.agent); !slices.Equal(got, oneSignIn[:1]) {
		t.Errorf("got requests %q, want %q", got, oneSignIn[:1])
	}

	p.eval("void (location.href = "+strconv.Quote(a.url)+")", nil)
	p.logIn(w.user)
	p.enterCode(totp(t, env(t, "TOTP_SECRET"), time.Now()))
	p.signsIn(a, w.user)
}

// enterCode fills in LemonLDAP's form for the second factor.
func (p page) enterCode(code string) {
	p.t.Helper()
	p.fill("input[name=code]", code)
	p.click("form button[type=submit]")
}

// totp returns the code that an authenticator app shows at the given time: six digits,
// a new one every 30 seconds (RFC 6238, section 4).
func totp(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	key, err := base32.StdEncoding.DecodeString(secret)
	must(t, err)
	var counter [8]byte
	binary.BigEndian.PutUint64(counter[:], uint64(at.Unix()/30))
	mac := hmac.New(sha1.New, key)
	mac.Write(counter[:])
	sum := mac.Sum(nil)
	// RFC 4226, section 5.3: the last four bits say where the number begins.
	number := binary.BigEndian.Uint32(sum[sum[len(sum)-1]&0xf:]) & 0x7fffffff
	return fmt.Sprintf("%06d", number%1_000_000)
}

// totpAround returns the codes of a few minutes around now.
func totpAround(t *testing.T, secret string) []string {
	t.Helper()
	var codes []string
	for i := -4; i <= 4; i++ {
		codes = append(codes, totp(t, secret, time.Now().Add(time.Duration(i)*30*time.Second)))
	}
	return codes
}
