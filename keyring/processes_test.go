package keyring_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	gokeyring "github.com/zalando/go-keyring"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/keyring"
	"github.com/gophercloud-websso/websso/webssotest"
)

// childVariable holds what a process of the test's is to do.
const childVariable = "WEBSSO_KEYRING_TEST_CHILD"

// order is what a child does: it signs in as the user or, if there is no endpoint, stores
// a value under the entry.
type order struct {
	Endpoint, Provider, Protocol, Project string
	Port                                  int
	User, Password                        string
	Entry                                 string
	Dir                                   string // of the cache, and of the keyring
}

func child() {
	var o order
	if err := json.Unmarshal([]byte(os.Getenv(childVariable)), &o); err != nil {
		fmt.Println("order:", err)
		os.Exit(2)
	}
	c := keyring.NewProcess(fileKeyring(o.Dir)).NewCache(websso.NewFileCache(filepath.Join(o.Dir, "cache")))
	var err error
	if o.Endpoint == "" {
		err = c.Set(o.Entry, "value of "+o.Entry)
	} else {
		_, err = websso.AuthenticatedClient(context.Background(), websso.AuthOptions{
			IdentityEndpoint: o.Endpoint, IdentityProvider: o.Provider, Protocol: o.Protocol,
			Scope: project(o.Project), RedirectPort: o.Port, Timeout: time.Minute, Cache: c,
			OpenURL: (&webssotest.Browser{User: o.User, Password: o.Password}).Open,
		})
	}
	if err != nil {
		fmt.Println("failed:", err)
		os.Exit(1)
	}
}

// runAll runs a process for each order, all at once.
func runAll(t *testing.T, orders []order) {
	t.Helper()
	type process struct {
		*exec.Cmd
		output bytes.Buffer
	}
	var all []*process
	for _, o := range orders {
		text, err := json.Marshal(o)
		must(t, err)
		p := &process{Cmd: exec.CommandContext(t.Context(), os.Args[0])}
		p.Env = append(os.Environ(), childVariable+"="+string(text))
		p.Stdout, p.Stderr = &p.output, &p.output
		must(t, p.Start())
		all = append(all, p)
	}
	for _, p := range all {
		if err := p.Wait(); err != nil || strings.Contains(p.output.String(), "memory") {
			t.Errorf("%v\n%s", err, &p.output)
		}
	}
}

// fileKeyring is a keyring of several processes: a folder with a file for each Set.
type fileKeyring string

func (k fileKeyring) Get(_, _ string) (string, error) {
	secret, err := os.ReadFile(filepath.Join(string(k), "secret"))
	if errors.Is(err, fs.ErrNotExist) {
		err = gokeyring.ErrNotFound
	}
	return string(secret), err
}

func (k fileKeyring) Set(_, _, secret string) error {
	f, err := os.CreateTemp(string(k), "set-")
	if err == nil {
		_, err = f.WriteString(secret)
		f.Close()
	}
	if err == nil {
		// A link, so that the file stays to be counted.
		os.Remove(filepath.Join(string(k), "secret"))
		err = os.Link(f.Name(), filepath.Join(string(k), "secret"))
	}
	return err
}

// keysMade returns how many keys were ever stored in the keyring.
func (k fileKeyring) keysMade(t *testing.T) int {
	t.Helper()
	made, err := filepath.Glob(filepath.Join(string(k), "set-*"))
	must(t, err)
	return len(made)
}

// many is how many processes start at once. Wine takes so long to start them that more
// would not get the keyring's answer within its limit.
func many() int {
	if runtime.GOOS == "windows" {
		return 15
	}
	return 50
}

// Many processes that start at once, cold, make one key and one sign-in.
func TestProcessesSignIn(t *testing.T) {
	dir := t.TempDir()
	ks := webssotest.NewKeystone(t)
	opts := ks.AuthOptions()
	alice := ks.Users()[slices.IndexFunc(ks.Users(), func(u webssotest.User) bool { return u.Name == "alice" })]
	var orders []order
	for i := range many() {
		orders = append(orders, order{
			Endpoint: opts.IdentityEndpoint, Provider: opts.IdentityProvider, Protocol: opts.Protocol,
			Project: []string{"demo", "lab"}[i%2], Port: opts.RedirectPort,
			User: alice.Name, Password: alice.Password, Dir: dir,
		})
	}
	runAll(t, orders)
	if made := fileKeyring(dir).keysMade(t); made != 1 {
		t.Errorf("got %d keys made, want 1", made)
	}
	if n := ks.SignIns(); n != 1 {
		t.Errorf("got %d sign-ins, want 1", n)
	}
	if n := len(ks.APIRequests()); n > 7 {
		t.Errorf("got %d requests to Keystone, want few: %v", n, ks.APIRequests())
	}
}

// They make one key also if no sign-in holds them up: each has a cloud of its own.
func TestProcessesMakeOneKey(t *testing.T) {
	dir := t.TempDir()
	var orders []order
	for i := range many() {
		orders = append(orders, order{Entry: fmt.Sprint("entry ", i), Dir: dir})
	}
	runAll(t, orders)
	if made := fileKeyring(dir).keysMade(t); made != 1 {
		t.Errorf("got %d keys made, want 1", made)
	}
	c := keyring.NewProcess(fileKeyring(dir)).NewCache(websso.NewFileCache(filepath.Join(dir, "cache")))
	for _, o := range orders {
		get(t, c, o.Entry, "value of "+o.Entry)
	}
}
