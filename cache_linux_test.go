package websso_test

import (
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/gophercloud-websso/websso"
)

func TestFileCacheDiskFull(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("mounting a small file system takes root")
	}
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=16k,mode=0700"); err != nil {
		t.Skip("no mounts here:", err)
	}
	defer syscall.Unmount(dir, syscall.MNT_DETACH)
	c := websso.NewFileCache(dir)
	must(t, c.Set("key", "small"))
	if err := c.Set("key", strings.Repeat("x", 64<<10)); err == nil {
		t.Fatal("got no error, want one: 64 KB do not fit into 16")
	}
	if got, err := c.Get("key"); got != "small" || err != nil {
		t.Errorf("got %.20q, %v; want the value before", got, err)
	}
	onlyFile(t, dir)
}
