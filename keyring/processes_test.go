package keyring_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	gokeyring "github.com/zalando/go-keyring"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/keyring"
)

// childVariable holds what a process of the test's is to do.
const childVariable = "WEBSSO_KEYRING_TEST_CHILD"

// child stores a value under the entry that its parent orders, in the keyring and cache there.
func child() {
	entry, dir, _ := strings.Cut(os.Getenv(childVariable), " in ")
	if err := programIn(dir).Set(entry, "value of "+entry); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

// programIn is the cache of a program of its own.
func programIn(dir string) websso.Cache {
	return keyring.NewProcess(fileKeyring(dir)).NewCache(websso.NewFileCache(filepath.Join(dir, "cache")))
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

// Many processes that start at once, cold, make one key.
func TestProcessesMakeOneKey(t *testing.T) {
	many := 50
	if runtime.GOOS == "windows" {
		many = 15 // wine takes so long that more would not get the keyring's answer in time
	}
	dir := t.TempDir()
	var all []*exec.Cmd
	for i := range many {
		p := exec.CommandContext(t.Context(), os.Args[0])
		p.Env = append(os.Environ(), fmt.Sprintf("%s=entry %d in %s", childVariable, i, dir))
		p.Stdout = &bytes.Buffer{}
		must(t, p.Start())
		all = append(all, p)
	}
	for _, p := range all {
		if err := p.Wait(); err != nil {
			t.Errorf("%v\n%s", err, p.Stdout)
		}
	}
	if made := fileKeyring(dir).keysMade(t); made != 1 {
		t.Errorf("got %d keys made, want 1", made)
	}
	for i := range many {
		entry := fmt.Sprint("entry ", i)
		get(t, programIn(dir), entry, "value of "+entry)
	}
}
