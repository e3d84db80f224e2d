package loopback_test

import (
	"encoding/binary"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso/internal/loopback"
)

// little skips tests whose examples are from a machine of that byte order.
func little(t *testing.T) {
	t.Helper()
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		t.Skip("the kernel writes addresses in native byte order, and this machine has another")
	}
}

func TestParseHexAddr(t *testing.T) {
	t.Parallel()
	little(t)
	for text, want := range map[string]string{
		"0100007F:2706":                         "127.0.0.1:9990",
		"00000000:0000":                         "0.0.0.0:0",
		"00000000000000000000000001000000:2706": "[::1]:9990",
		"0000000000000000FFFF00000100007F:0050": "127.0.0.1:80", // mapped, as of a dual-stack socket
		"000080FE00000000FF565E021A2B3CFE:FFFF": "[fe80::25e:56ff:fe3c:2b1a]:65535",
		"":                                      "",
		":":                                     "",
		"0100007F":                              "",
		"0100007F:":                             "",
		"0100007F:10000":                        "",
		"0100007F:-1":                           "",
		"0100007:2706":                          "",
		"0100007F00:2706":                       "",
		"zz00007F:2706":                         "",
		"0100007F0100007F:2706":                 "",
		"0100007F:2706:2706":                    "",
	} {
		got, ok := loopback.ParseHexAddr(text)
		if ok != (want != "") || ok && got.String() != want {
			t.Errorf("%q: got %v, %t; want %q", text, got, ok, want)
		}
	}
}

const row = "   0: 0100007F:2706 0100007F:A1B2 01 00000000:00000000 00:00000000 00000000  1000        0 123456 1 0000000000000000 20 4 30 10 -1"

func TestParseSocket(t *testing.T) {
	t.Parallel()
	little(t)
	local, remote, uid, inode, ok := loopback.ParseSocket(row)
	if !ok || local != "127.0.0.1:9990" || remote != "127.0.0.1:41394" || uid != 1000 || inode != 123456 {
		t.Errorf("got %s %s %d %d %t, want the row's fields", local, remote, uid, inode, ok)
	}
	for name, line := range map[string]string{
		"empty":      "",
		"the header": "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
		"cut off":    row[:60],
		"no user":    strings.Replace(row, " 1000 ", " x ", 1),
		"no inode":   strings.Replace(row, " 123456 ", " x ", 1),
		"no state":   strings.Replace(row, " 01 ", " xx ", 1),
		"no address": strings.Replace(row, "0100007F:2706", "0100007F", 1),
		"no remote":  strings.Replace(row, "0100007F:A1B2", "x", 1),
	} {
		if _, _, _, _, ok := loopback.ParseSocket(line); ok {
			t.Errorf("%s: got a row, want none", name)
		}
	}
}

func FuzzParseSocket(f *testing.F) {
	f.Add(row)
	f.Add("")
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
