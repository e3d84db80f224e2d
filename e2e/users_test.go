package e2e_test

import (
	"os"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso/e2e/browsers"
)

const nobody = 65534

// TestAnotherUser has another user of the computer request the start page, whose
// address everyone can read in the browser's arguments.
func TestAnotherUser(t *testing.T) {
	c := realCloud(t)
	onlyWithAll(t)
	a := c.begin(t, c.options())

	out, err := role(t, "asker", a.url, nobody).CombinedOutput()
	if err == nil || strings.Contains(string(out), "HTTP") || strings.Contains(string(out), "Signing in") {
		t.Errorf("got an answer for another user, want none:\n%s", out)
	}
	if !strings.Contains(a.output.String(), "refused a connection of user 65534, because this program runs as root") {
		t.Errorf("got terminal\n%s\nwant it to report the other user", a.output)
	}
	out, err = role(t, "asker", a.url, os.Getuid()).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "200 OK") {
		t.Errorf("got %v for the user's own request, want 200 OK\n%s", err, out)
	}

	out, err = role(t, "striker", a.url, nobody).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "struck") {
		t.Fatalf("%v\n%s", err, out)
	}
	a.waiting()

	p := open(t, engines[0].browser(t, browsers.Options{}), a.url)
	p.logIn("dwho")
	p.signsIn(a, "dwho")
	if strings.Contains(a.output.String(), "opened again") {
		t.Errorf("got terminal\n%s\nwant another user's registration not to count", a.output)
	}
}
