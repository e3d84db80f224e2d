package tab

// Outcome is what the page says in the end.
type Outcome struct {
	OK    bool   `json:"ok"`
	Title string `json:"title"`
	Facts []Fact `json:"facts,omitempty"`
	Text  string `json:"text"`
	Copy  string `json:"-"` // to copy
}

// Fact is a line of an Outcome, such as who is signed in.
type Fact struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// The outcomes that depend on nothing of the sign-in.
var (
	notHere  = Outcome{Title: "There is no sign-in here", Text: "The address of a sign-in works once, while a program waits for it. Start again from your program and use the address that it prints."}
	noToken  = Outcome{Title: "No token arrived", Text: "This page is for what Keystone sends after a sign-in. Start again from your program."}
	notOurs  = Outcome{Title: "This tab did not start the sign-in", Text: "Nothing was accepted. Continue in the tab that your program opened, or start again from your program."}
	unproven = Outcome{Title: "One more step", Text: "This tab can’t prove that your program opened it. It may be another tab or container, or the browser stores no data for this site."}
	slow     = Outcome{Title: "One more step", Text: "Your cloud took long to confirm who you are, so this page can’t be sure of it."}
	timedOut = Outcome{Title: "The program is no longer waiting", Text: "The program stopped waiting, or was stopped, before this page arrived. Start again from there."}
	tooOften = Outcome{Title: "Too many tries", Text: "This way to finish the sign-in is closed. Start again from your program."}
)
