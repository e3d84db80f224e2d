package loopback_test

import (
	"os"
	"strconv"
	"testing"

	"github.com/gophercloud-websso/websso/internal/loopback"
)

const row = "   0: 0100007F:2706 0100007F:A1B2 01 00000000:00000000 00:00000000 00000000  1000        0 123456 1 0000000000000000 20 4 30 10 -1"

func FuzzParseSocket(f *testing.F) {
	f.Add(row)
	f.Add("  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode")
	f.Add(row[:60])
	f.Fuzz(func(t *testing.T, line string) {
		if local, remote, _, _, ok := loopback.ParseSocket(line); ok && (local == "" || remote == "") {
			t.Errorf("got a row without addresses from %q", line)
		}
	})
}

func TestIsStranger(t *testing.T) { // changes the environment
	own := os.Getuid()
	other := own + 1000
	for _, tt := range []struct {
		uid  int
		sudo string
		want bool
	}{
		{own, "", false},
		{0, "", false},
		{other, "", true},
		{other, strconv.Itoa(other), own != 0}, // only root can have come through sudo
		{other + 1, strconv.Itoa(other), true},
		{other, "x", true},
	} {
		t.Setenv("SUDO_UID", tt.sudo)
		if got := loopback.IsStranger(tt.uid); got != tt.want {
			t.Errorf("user %d, SUDO_UID %q: got %t, want %t", tt.uid, tt.sudo, got, tt.want)
		}
	}
}
