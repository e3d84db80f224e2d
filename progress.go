package websso

import "time"

// Step is how far a sign-in has come.
type Step string

// The steps of a sign-in through the browser. A call that finds a token in the cache has
// none.
const (
	// StepWait: the sign-in of another program on the same port has to finish first.
	// This one waits for it until Until.
	StepWait Step = "wait"

	// StepOpen: the user has to open URL by Until, if it does not open by itself.
	StepOpen Step = "open"

	// StepBrowser: the browser is there. The user has until Until to sign in.
	StepBrowser Step = "browser"

	// StepCode: a tab that can't prove that it was opened for this sign-in is signing in
	// as User. If that is the user, they enter Code on its page.
	StepCode Step = "code"

	// StepSignedIn: User has signed in, here or in the program that was waited for, until
	// Until.
	StepSignedIn Step = "signed-in"
)

// Event is a step of a sign-in, with what a window or a log shows of it. It never contains a
// token. Later versions may add steps and fields.
type Event struct {
	Step  Step      `json:"step"`
	URL   string    `json:"url,omitempty"`
	Code  string    `json:"code,omitempty"`
	User  string    `json:"user,omitempty"`
	Until time.Time `json:"until,omitzero"`
}
