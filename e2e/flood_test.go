package e2e_test

import (
	"bufio"
	"context"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso/e2e/browsers"
)

// TestFlood signs in while another program of the same user keeps thousands of
// connections open, and logs what that costs.
func TestFlood(t *testing.T) {
	c := realCloud(t)
	onlyWithAll(t)
	b := engines[0].browser(t, browsers.Options{})
	// The identity provider remembers the user after this sign-in.
	a := c.begin(t, c.options())
	p := open(t, b, a.url)
	p.logIn("dwho")
	p.signsIn(a, "dwho")

	signIn := func() time.Duration {
		a.t.Helper()
		began := time.Now()
		p := open(t, b, a.url)
		ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
		defer cancel()
		must(t, browsers.Wait(ctx, p.tab, `document.body.dataset.ok === "true"`))
		a.signedIn("dwho")
		return time.Since(began)
	}
	a = c.begin(t, c.options())
	quiet := signIn()

	a = c.begin(t, c.options())
	flooder := role(t, "flooder", a.url, os.Getuid())
	stdout, err := flooder.StdoutPipe()
	must(t, err)
	must(t, flooder.Start())
	stop := sync.OnceFunc(func() { _ = flooder.Process.Kill(); _ = flooder.Wait() })
	t.Cleanup(stop)
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil || !strings.Contains(line, "flooding") {
		t.Fatalf("got %q (%v) from the flooder, want it to flood", line, err)
	}
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	goroutines := runtime.NumGoroutine()
	flooded := signIn()
	stop()
	t.Logf("a silent sign-in took %s, and %s in the flood, with %d goroutines and %d MiB", quiet, flooded, goroutines, memory.HeapInuse>>20)
	if goroutines > 5000 || memory.HeapInuse > 64<<20 {
		t.Errorf("got %d goroutines and %d MiB in the flood, want at most 5000 and 64 MiB", goroutines, memory.HeapInuse>>20)
	}
}
