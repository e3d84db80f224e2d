package e2e_test

import (
	"os"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso/e2e/browsers"
)

const nobody = 65534

// TestAnotherUser has another user of the computer come with the start page's
// address, which a browser's arguments show to all.
func TestAnotherUser(t *testing.T) {
	c := realCloud(t)
	onlyWithAll(t)
	a := c.begin(t, c.options())

	out, err := role(t, "asker", a.url, nobody).CombinedOutput()
	if err == nil || strings.Contains(string(out), "HTTP") || strings.Contains(string(out), "Signing in") {
		t.Errorf("another user was answered:\n%s", out)
	}
	if !strings.Contains(a.output.String(), "another user of this computer (user 65534) was refused") {
		t.Errorf("the terminal does not tell of another user:\n%s", a.output)
	}
	out, err = role(t, "asker", a.url, os.Getuid()).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "200 OK") {
		t.Errorf("the same request of one's own was not answered (%v): this tests nothing\n%s", err, out)
	}

	out, err = role(t, "striker", a.url, nobody).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "struck") {
		t.Fatalf("%v\n%s", err, out)
	}
	a.waiting()

	p := open(t, engines[0].browser(t, browsers.Options{}), a.url)
	p.logIn("dwho")
	p.outcome(true)
	a.signedIn("dwho")
	if strings.Contains(a.output.String(), "a second time") {
		t.Errorf("another user's registration counted:\n%s", a.output)
	}
}
