package loopback_test

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/gophercloud-websso/websso/internal/loopback"
)

const (
	sandboxed = "WEBSSO_TEST_SANDBOX" // the tests run where nobody may ask the kernel for one socket
	client    = "WEBSSO_TEST_CLIENT"  // this process only connects, in that way, to the port in its argument
)

func TestMain(m *testing.M) {
	if way := os.Getenv(client); way != "" {
		fmt.Print(connect(way, os.Args[1]))
		return
	}
	if os.Getenv(sandboxed) != "" {
		if err := refuseNetlink(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// refuseNetlink makes the kernel refuse this process what some sandboxes refuse.
func refuseNetlink() error {
	family := uint32(16) // of struct seccomp_data: the low half of the first argument
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		family += 4
	}
	filter := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: 0},
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: unix.SYS_SOCKET, Jf: 3},
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: family},
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: unix.AF_NETLINK, Jf: 1},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ERRNO | uint32(unix.EAFNOSUPPORT)},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
	}
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	_, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&program)))
	if errno != 0 {
		return errno
	}
	if _, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_SOCK_DIAG); err == nil {
		return fmt.Errorf("netlink is not refused")
	}
	return nil
}

// TestSandbox runs the tests of this file a second time, without netlink.
func TestSandbox(t *testing.T) {
	t.Parallel()
	if os.Getenv(sandboxed) != "" {
		t.Skip("this is the sandbox")
	}
	if runtime.GOARCH == "386" {
		t.Skip("sockets are made with socketcall, whose arguments a filter can't see")
	}
	cmd := exec.CommandContext(t.Context(), "/proc/self/exe", "-test.v", "-test.run", "^TestPeer")
	cmd.Env = append(os.Environ(), sandboxed+"=1")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "\nPASS\n") {
		t.Errorf("got error %v, want none\n%s", err, out)
	}
}

// connect connects and returns what it is told. The way is an address, with the
// interface to bind to if there is one.
func connect(way, port string) string {
	host, device, _ := strings.Cut(way, "%")
	addr := netip.MustParseAddr(host)
	number, _ := strconv.Atoi(port)
	family, to := unix.AF_INET6, unix.Sockaddr(&unix.SockaddrInet6{Addr: addr.As16(), Port: number})
	if addr.Is4() {
		family, to = unix.AF_INET, &unix.SockaddrInet4{Addr: addr.As4(), Port: number}
	}
	fd, err := unix.Socket(family, unix.SOCK_STREAM, 0)
	if err == nil && device != "" {
		err = unix.BindToDevice(fd, device)
	}
	if err == nil {
		err = unix.Connect(fd, to)
	}
	if err != nil {
		return err.Error()
	}
	told, _ := io.ReadAll(os.NewFile(uintptr(fd), "connection"))
	return string(told)
}

// TestPeerUser has this user and another one connect in every way there is.
func TestPeerUser(t *testing.T) {
	t.Parallel()
	const other = 65534
	if os.Getuid() != 0 {
		t.Skip("only root can be another user too")
	}
	ls, port := listen(t)
	for _, l := range ls {
		defer l.Close()
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				uid, stranger := loopback.StrangerUID(c)
				_, byKernel := loopback.AskKernel(c.RemoteAddr().(*net.TCPAddr).AddrPort(), c.LocalAddr().(*net.TCPAddr).AddrPort())
				fmt.Fprint(c, uid, stranger, byKernel)
				c.Close()
			}
		}()
	}
	for _, way := range []string{"127.0.0.1", "::1", "::ffff:127.0.0.1", "127.0.0.1%lo", "::1%lo"} {
		if strings.HasPrefix(way, "::1") && len(ls) == 1 {
			continue // this computer has no such address
		}
		for _, uid := range []int{0, other} {
			cmd := exec.CommandContext(t.Context(), "/proc/self/exe", strconv.Itoa(port))
			cmd.Env = []string{client + "=" + way}
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(uid)}}
			out, err := cmd.Output()
			if want := fmt.Sprint(uid, uid == other, os.Getenv(sandboxed) == ""); string(out) != want || err != nil {
				t.Errorf("user %d over %s: got %q, %v; want %q", uid, way, out, err, want)
			}
		}
	}
}

// TestPeerVanishes resets connections while their other ends are looked up. A peer on
// this computer is found, or it is gone and counts as a stranger. It never passes for one
// that the kernel does not know.
func TestPeerVanishes(t *testing.T) {
	t.Parallel()
	requests := 200
	if os.Getenv(sandboxed) != "" {
		requests = 30 // each reads the tables
	}
	ours, _ := pair(t)
	began := time.Now()
	loopback.StrangerUID(ours)
	lookup := time.Since(began)
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp4", "127.0.0.1:0")
	must(t, err)
	answers := make(chan bool, requests) // whether the peer passed without a user
	arrived := make(chan struct{}, requests)
	stop := loopback.Serve([]net.Listener{listener}, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		uid, stranger := loopback.Whole(r.Context())
		answers <- uid < 0 && !stranger
	}), time.Minute)
	defer stop()
	passed := 0
	for i := range requests {
		c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp4", listener.Addr().String())
		must(t, err)
		if _, err := c.Write([]byte("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")); err != nil {
			t.Fatal(err)
		}
		<-arrived
		for end := time.Now().Add(2 * lookup * time.Duration(i) / time.Duration(requests)); time.Now().Before(end); {
		}
		_ = c.(*net.TCPConn).SetLinger(0)
		c.Close()
		if <-answers {
			passed++
		}
	}
	if passed != 0 {
		t.Errorf("got %d of %d peers that passed without a user, want none", passed, requests)
	}
}

// pair returns both ends of a connection.
func pair(t testing.TB) (accepted, dialed *net.TCPConn) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp4", "127.0.0.1:0")
	must(t, err)
	defer listener.Close()
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp4", listener.Addr().String())
	must(t, err)
	other, err := listener.Accept()
	must(t, err)
	t.Cleanup(func() { c.Close(); other.Close() })
	return other.(*net.TCPConn), c.(*net.TCPConn)
}

// renamed is a connection that seems to have other ends.
type renamed struct {
	*net.TCPConn
	local, remote net.Addr
}

func (r renamed) LocalAddr() net.Addr  { return r.local }
func (r renamed) RemoteAddr() net.Addr { return r.remote }

func TestPeerStates(t *testing.T) {
	t.Parallel()
	reset := func(t *testing.T) *net.TCPConn {
		ours, theirs := pair(t)
		_ = theirs.SetLinger(0)
		theirs.Close()
		_, _ = ours.Read(make([]byte, 1)) // until the reset is here
		return ours
	}
	for name, tt := range map[string]struct {
		conn     func(t *testing.T) net.Conn
		uid      int
		stranger bool
	}{
		"open": {func(t *testing.T) net.Conn { c, _ := pair(t); return c }, os.Getuid(), false},
		"half closed": {func(t *testing.T) net.Conn {
			ours, theirs := pair(t)
			_ = theirs.CloseWrite()
			return ours
		}, os.Getuid(), false},
		"closed": {func(t *testing.T) net.Conn {
			ours, theirs := pair(t)
			theirs.Close()
			return ours
		}, -1, true},
		"reset": {func(t *testing.T) net.Conn { return reset(t) }, -1, true},
		"reset, and its address used again": {func(t *testing.T) net.Conn {
			c, _ := pair(t)
			return renamed{reset(t), c.LocalAddr(), c.RemoteAddr()}
		}, -1, true},
		// As from Windows to WSL with mirrored networking.
		"not on this computer": {func(t *testing.T) net.Conn {
			c, _ := pair(t)
			return renamed{c, c.LocalAddr(), &net.TCPAddr{IP: net.IPv4(127, 0, 0, 99), Port: 1}}
		}, -1, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if uid, stranger := loopback.StrangerUID(tt.conn(t)); uid != tt.uid || stranger != tt.stranger {
				t.Errorf("got %d, %t; want %d, %t", uid, stranger, tt.uid, tt.stranger)
			}
		})
	}
}

// TestPeerWithoutDescriptors wants nobody to pass because there are no descriptors left to
// look them up with, which a stranger can bring about with many connections. Not in
// parallel: other tests need descriptors.
func TestPeerWithoutDescriptors(t *testing.T) {
	ours, _ := pair(t)
	var limit unix.Rlimit
	must(t, unix.Getrlimit(unix.RLIMIT_NOFILE, &limit))
	low := limit
	low.Cur = 3 // those that are open stay open
	must(t, unix.Setrlimit(unix.RLIMIT_NOFILE, &low))
	uid, stranger := loopback.StrangerUID(ours)
	must(t, unix.Setrlimit(unix.RLIMIT_NOFILE, &limit))
	if uid != -1 || !stranger {
		t.Errorf("got %d, %t; want a stranger", uid, stranger)
	}
}

// BenchmarkWhose measures how long it takes to look up whose the other end of a
// connection is, while the kernel's tables have thousands of other rows.
func BenchmarkWhose(b *testing.B) {
	for _, pairs := range []int{0, 2500} {
		for name, find := range map[string]func(local, remote netip.AddrPort) (int, bool){
			"kernel": loopback.AskKernel, "tables": loopback.FindInTables,
		} {
			b.Run(fmt.Sprintf("%s/%drows", name, 2*pairs), func(b *testing.B) {
				for range pairs {
					pair(b)
				}
				_, c := pair(b)
				local, remote := c.LocalAddr().(*net.TCPAddr).AddrPort(), c.RemoteAddr().(*net.TCPAddr).AddrPort()
				for b.Loop() {
					if uid, found := find(local, remote); uid != os.Getuid() || !found {
						b.Fatalf("got %d, %t; want this user", uid, found)
					}
				}
			})
		}
	}
}
