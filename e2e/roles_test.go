package e2e_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// roles are the other programs that the test binary can run as.
var roles = map[string]func(startURL string) error{
	"asker":   ask,
	"striker": strike,
	"flooder": flood,
}

// roleVariable selects the role, urlVariable the start page to attack.
const (
	roleVariable = "WEBSSO_E2E_ROLE"
	urlVariable  = "WEBSSO_E2E_URL"
)

// publicCopy copies the test binary to a folder from which other users can run it.
// The folder in which go test builds is closed to them.
func publicCopy(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	program, err := os.ReadFile(self)
	must(t, err)
	dir := tempDir(t, "role")
	must(t, os.Chmod(dir, 0o755))
	copied := filepath.Join(dir, "e2e.test")
	must(t, os.WriteFile(copied, program, 0o755))
	return copied
}

// role returns a command that runs the test binary in a role, as the given user.
func role(t *testing.T, name, startURL string, uid int) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), publicCopy(t))
	cmd.Env = []string{roleVariable + "=" + name, urlVariable + "=" + startURL}
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(uid)}}
	return cmd
}

// registration returns the request that registers a secret of the sender's.
func registration(startURL string) (addr, request string) {
	u, err := url.Parse(startURL)
	if err != nil {
		return "", ""
	}
	key := u.Path[strings.LastIndex(u.Path, "/")+1:]
	body := url.Values{"secret": {key + "." + strings.Repeat("A", 43)}}.Encode()
	return u.Host, "POST " + u.Path + " HTTP/1.1\r\nHost: " + u.Host + "\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: " +
		strconv.Itoa(len(body)) + "\r\n\r\n" + body
}

// ask requests the start page, as a user can who has read its address in the process
// list, and prints the answer.
func ask(startURL string) error {
	client := &http.Client{Timeout: patience}
	resp, err := client.Get(startURL)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return resp.Write(os.Stdout)
}

// strikes is the number of strike's attempts.
const strikes = 300

// strike sends registrations and is gone at once, so that the kernel may no longer
// know whose connections they were. It closes half of them and resets the others.
func strike(startURL string) error {
	_, request := registration(startURL)
	for i := range strikes {
		addr := []string{"127.0.0.1:9990", "[::1]:9990"}[i/2%2]
		conn, err := net.DialTimeout("tcp", addr, patience)
		if err != nil {
			return err
		}
		if i%2 == 0 {
			if err := conn.(*net.TCPConn).SetLinger(0); err != nil {
				return err
			}
		}
		_, _ = io.WriteString(conn, request) // the listener may refuse before it is sent
		conn.Close()
	}
	fmt.Println("struck")
	return nil
}

// flood keeps thousands of connections open that never send a whole request, replaces
// those that are dropped, and posts in between, until it is killed. It makes at most
// 2000 connections a second: as many as it can would leave the browser no processor, and
// the test would time the kernel's scheduler instead of the listener.
func flood(startURL string) error {
	const held, pace = 4000, time.Second / 2000
	_, request := registration(startURL)
	parts := []string{"", "G", "POST /auth/websso/ HTTP/1.1\r\n", request[:len(request)-20], "\x16\x03\x01\x02\x00garbage", strings.Repeat("A", 8<<10)}
	slots := make(chan struct{}, held)
	began := time.Now()
	for i := 0; ; i++ {
		slots <- struct{}{}
		// The first ones come at once.
		if i > held {
			time.Sleep(time.Until(began.Add(time.Duration(i-held) * pace)))
		}
		go func() {
			defer func() { <-slots }()
			conn, err := net.DialTimeout("tcp", []string{"127.0.0.1:9990", "[::1]:9990"}[i%2], patience)
			if err != nil {
				time.Sleep(10 * time.Millisecond) // the backlog is full
				return
			}
			defer conn.Close()
			if i%7 == 0 {
				_, _ = io.WriteString(conn, "POST /auth/websso/ HTTP/1.1\r\nHost: localhost:9990\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1048576\r\n\r\n"+strings.Repeat("A", 1<<20))
			} else {
				_, _ = io.WriteString(conn, parts[i%len(parts)])
			}
			_, _ = io.Copy(io.Discard, conn)
		}()
		if i == held {
			fmt.Println("flooding")
		}
	}
}
