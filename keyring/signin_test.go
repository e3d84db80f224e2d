package keyring_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

// signIn signs in and returns the client, and what the user read.
func signIn(t testing.TB, opts websso.AuthOptions) (client *gophercloud.ProviderClient, output string) {
	t.Helper()
	var out bytes.Buffer
	opts.Output = io.MultiWriter(&out, opts.Output) // on a busy machine the browser needs a code
	client, err := websso.AuthenticatedClient(t.Context(), opts)
	if err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	return client, out.String()
}

// onDisk returns the names and contents of all files below dir.
func onDisk(t testing.TB, dir string) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // there is no such cache yet
		}
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		all.WriteString(path + "\n" + string(content) + "\n")
		return err
	})
	must(t, err)
	return all.String()
}

// secretsOf returns what must not be on disk in the clear.
func secretsOf(t testing.TB, client *gophercloud.ProviderClient) []string {
	t.Helper()
	result := client.GetAuthResult().(tokens.CreateResult)
	user, err := result.ExtractUser()
	must(t, err)
	body := string(result.Body.(json.RawMessage))
	secrets := []string{client.Token(), user.Name, user.ID, "catalog", "compute"}
	for _, s := range secrets[1:] {
		if !strings.Contains(body, s) {
			t.Fatalf("the token's body has no %q: this tests nothing", s)
		}
	}
	return secrets
}

// cloud is a Keystone, and a user's files and keyring.
type cloud struct {
	*webssotest.Keystone
	dir  string
	ring fake
}

func newCloud(t *testing.T) *cloud {
	t.Helper()
	return &cloud{Keystone: webssotest.NewKeystone(t), dir: filepath.Join(t.TempDir(), "cache")}
}

// program returns the options of a program that starts.
func (c *cloud) program() websso.AuthOptions {
	opts := c.AuthOptions()
	opts.Cache = c.ring.start().NewCache(websso.NewFileCache(c.dir))
	return opts
}

// wantSignedOut fails the test unless a program that starts finds nobody signed in.
func (c *cloud) wantSignedOut(t *testing.T) {
	t.Helper()
	if who, err := websso.Status(c.program()); !errors.Is(err, websso.ErrLoginRequired) {
		t.Errorf("got %+v, %v, want nobody signed in", who, err)
	}
}

func TestSignIn(t *testing.T) {
	c := newCloud(t)
	client, output := signIn(t, c.program())
	if strings.Contains(output, "keyring") {
		t.Errorf("there is nothing to say about the keyring:\n%s", output)
	}
	stored := onDisk(t, c.dir)
	files, err := os.ReadDir(c.dir)
	must(t, err)
	if sealed := strings.Count(stored, "\nsealed 1 "); sealed < 2 || sealed != len(files) {
		t.Fatalf("got %d of %d files sealed, want all of them, a sign-in and a scope at least:\n%.2000s", sealed, len(files), stored)
	}
	for _, secret := range append(secretsOf(t, client), c.URL(), c.ring.secret) {
		if strings.Contains(stored, secret) {
			t.Errorf("the disk shows %q", secret)
		}
	}

	// Another program makes no request, and asks the keyring once.
	c.ResetRequests()
	before, opts := c.ring.gets, c.program()
	again, _ := signIn(t, opts)
	if again.Token() != client.Token() || len(c.APIRequests()) != 0 {
		t.Errorf("got %v asked of Keystone, want the cached token", c.APIRequests())
	}
	if c.ring.gets != before+1 {
		t.Errorf("the keyring was asked %d times, want once", c.ring.gets-before)
	}
	who, err := websso.Status(opts)
	if err != nil || len(who.Scopes) != 1 {
		t.Errorf("Status: got %+v, %v, want a scope", who, err)
	}
	must(t, websso.Logout(t.Context(), again, opts))
	if stored := onDisk(t, c.dir); stored != "" {
		t.Errorf("Logout left this:\n%.2000s", stored)
	}
}

// A sign-in that can't be read is reported as that, each time, and shown once.
func TestSignInIsUnreadable(t *testing.T) {
	c := newCloud(t)
	signIn(t, c.program())
	c.ring.err = errors.New("access denied")
	var out bytes.Buffer
	opts := c.program()
	opts.Output, opts.NonInteractive = &out, true
	for range 3 {
		_, authErr := websso.AuthenticatedClient(t.Context(), opts)
		_, statusErr := websso.Status(opts)
		for _, err := range []error{authErr, statusErr} {
			says(t, err, "access denied")
		}
	}
	if n := strings.Count(out.String(), "access denied"); n != 1 {
		t.Errorf("got %d lines, want 1:\n%s", n, &out)
	}
}

// The keyring fails between two programs. The sign-in that one made without it, as another
// user, is the only one afterwards.
func TestSignInDoesNotComeBack(t *testing.T) {
	c := newCloud(t)
	signIn(t, c.program())
	c.ring.err = errors.New("access denied")
	signIn(t, c.program())
	if c.SignIns() != 2 {
		t.Fatalf("got %d sign-ins, want 2", c.SignIns())
	}
	c.ring.err = nil
	c.wantSignedOut(t)
}

// Logout works while the keyring doesn't.
func TestLogoutWhileLocked(t *testing.T) {
	c := newCloud(t)
	signIn(t, c.program())
	c.ring.err = errors.New("failed to unlock correct collection")
	var out bytes.Buffer
	opts := c.program()
	opts.Output = &out
	must(t, websso.Logout(t.Context(), &gophercloud.ProviderClient{}, opts))
	if !strings.Contains(out.String(), "the keyring is locked") {
		t.Errorf("got %q, want to read why nothing was revoked", &out)
	}
	c.ring.err = nil
	c.wantSignedOut(t)
}

// A user without a keyring reads before the browser opens that the sign-in will be lost.
func TestSignInSaysBefore(t *testing.T) {
	c := newCloud(t)
	c.ring.err = errors.New("access denied")
	_, out := signIn(t, c.program())
	if before, after, _ := strings.Cut(out, "open this address"); !strings.Contains(before, "access denied") || strings.Contains(after, "access denied") {
		t.Errorf("got output %q, want what is wrong once, before the browser opens", out)
	}
}
