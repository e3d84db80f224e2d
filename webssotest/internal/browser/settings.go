// Package browser is the engine of webssotest's scripted browser: it loads pages,
// follows redirects, fills in forms, and does what the scripts of the pages of a
// sign-in do. It knows no Keystone.
package browser

import (
	"context"
	"crypto/tls"
	"net/http"
	"time"
)

// Settings say whose browser it is and how it behaves. The zero value is a browser
// without a user that behaves well.
type Settings struct {
	User, Password string
	TLS            *tls.Config
	Timeout        time.Duration                            // 0 means 30 seconds
	Code           func(context.Context) string             // reads the code from the terminal
	Before         func(step string, r *http.Request) error // called before each request

	NoJavaScript     bool // run no scripts
	NoSessionStorage bool // block it: pages that use it get an error
	NoCookies        bool // block cookies, and sessionStorage with them, as browsers do
	IPv4First        bool // try 127.0.0.1 before ::1, as Firefox does; other browsers try ::1 first
	WrongPassword    bool // type a wrong password first
	Prefetch         bool // let an extension and a scanner fetch the page first
	Reload           bool // reload the first page of the sign-in
	Back             bool // go back from the cloud's first page, then sign in again
	OtherTab         bool // lose sessionStorage after the first page, as in another tab or container
}

// blocksStorage reports whether a page that uses sessionStorage gets an error.
func (s *Settings) blocksStorage() bool { return s.NoSessionStorage || s.NoCookies }

// The steps of a sign-in, in order. A tab then goes to Keystone a second time: after
// StepConfirm come StepCloud, StepCallback and StepConfirm once more. StepAsk and StepCode
// replace all of that in a tab that can't prove that the sign-in began there.
const (
	StepStart    = "start"
	StepRegister = "register"
	StepCloud    = "cloud"
	StepLogin    = "login"
	StepCallback = "callback"
	StepConfirm  = "confirm"
	StepSignOut  = "sign out"
	StepAsk      = "ask"
	StepCode     = "code"
)
