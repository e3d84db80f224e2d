package websso_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

// events collects what Progress is called with, and notices calls that overlap.
type events struct {
	inside atomic.Int32
	mu     sync.Mutex
	all    []websso.Event
}

func (e *events) add(t *testing.T) func(websso.Event) {
	return func(event websso.Event) {
		if e.inside.Add(1) > 1 {
			t.Error("got two calls of Progress at once, want one after another")
		}
		time.Sleep(time.Millisecond) // so that others may come
		e.mu.Lock()
		e.all = append(e.all, event)
		e.mu.Unlock()
		e.inside.Add(-1)
	}
}

// steps returns the steps in order, and the last event of each.
func (e *events) steps() (string, map[websso.Step]websso.Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	var steps []string
	last := make(map[websso.Step]websso.Event)
	for _, event := range e.all {
		steps = append(steps, string(event.Step))
		last[event.Step] = event
	}
	return strings.Join(steps, " "), last
}

// TestProgress has a user whose tab proves that it is theirs, and one who needs a code.
func TestProgress(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"": "open browser signed-in", "no JavaScript": "open browser code signed-in"} {
		t.Run(name, func(t *testing.T) {
			ks, opts := parallel(t)
			out := &webssotest.Terminal{}
			seen := &events{}
			opts.Output, opts.Progress = out, seen.add(t)
			b := browserOf(ks, "alice")
			b.NoJavaScript, b.Code = name != "", out.Code
			opts.OpenURL, opts.Timeout = b.Open, 0
			client, _ := authenticate(t, ks, opts)
			got, last := seen.steps()
			if got != want {
				t.Errorf("got steps %s, want %s", got, want)
			}
			if url := last[websso.StepOpen].URL; !strings.Contains(out.String(), "\nwebsso:   "+url+"\n") {
				t.Errorf("got URL %q, want the one in the output:\n%s", url, out)
			}
			if code := last[websso.StepCode]; name != "" && (code.User != "alice" || !strings.Contains(out.String(), "  "+code.Code+"\n")) {
				t.Errorf("got code %+v, want that of alice in the output:\n%s", code, out)
			}
			for step, between := range map[websso.Step][2]time.Duration{
				websso.StepOpen: {30 * time.Second, time.Minute}, websso.StepBrowser: {4 * time.Minute, 5 * time.Minute}, websso.StepSignedIn: {59 * time.Minute, time.Hour},
			} {
				if left := time.Until(last[step].Until); left < between[0] || left > between[1] {
					t.Errorf("%s: got %s left, want %s to %s", step, left, between[0], between[1])
				}
			}
			if user := last[websso.StepSignedIn].User; user != "alice" {
				t.Errorf("got user %q, want alice", user)
			}
			log, err := json.Marshal(seen.all)
			if err != nil || strings.Contains(string(log), client.Token()) {
				t.Errorf("got %s, %v; want no token", log, err)
			}
			authenticate(t, ks, opts)
			if again, _ := seen.steps(); again != want {
				t.Errorf("got steps %s, want none for a cached token", again)
			}
		})
	}
	t.Run("others", func(t *testing.T) {
		ks, opts := parallel(t)
		var waits, first events
		one, other := opts, opts
		one.Progress, other.Progress = first.add(t), waits.add(t)
		goOn := make(chan struct{})
		one.OpenURL = func(url string) error { <-goOn; return opts.OpenURL(url) }
		a := launch(t.Context(), t, newClient(t, ks), one)
		a.awaitStart()
		b := launch(t.Context(), t, newClient(t, ks), other)
		poll(t, func() bool { steps, _ := waits.steps(); return steps == "wait" })
		close(goOn)
		a.want("alice")
		b.want("alice")
		if got, last := waits.steps(); got != "wait signed-in" || last[websso.StepSignedIn].User != "alice" || last[websso.StepWait].Until.IsZero() {
			t.Errorf("got steps %s, %+v; want wait signed-in", got, last)
		}
		if !strings.Contains(b.output.String(), "the other sign-in has finished, as alice until") || strings.Contains(a.output.String(), "the other sign-in") {
			t.Errorf("got %q from the one who waited, and %q from the other", b.output, a.output)
		}
		wantSignIns(t, ks, 1)
	})
}

// TestNothingAfterReturn has an opener that fails when its sign-in is over: neither Output nor
// Progress hears of it, and both are free to use at once.
func TestNothingAfterReturn(t *testing.T) {
	t.Parallel()
	for range 30 {
		ks := webssotest.NewKeystone(t)
		opts := ks.AuthOptions()
		opts.Timeout = 0
		ctx, cancel := context.WithCancel(t.Context())
		opened := make(chan struct{})
		opts.OpenURL = func(string) error {
			close(opened)
			<-ctx.Done()
			return errors.New("the opener was slow")
		}
		var out bytes.Buffer
		steps := 0
		opts.Output, opts.Progress = &out, func(websso.Event) { steps++ }
		go func() { <-opened; cancel() }()
		wantError(t, websso.Authenticate(ctx, newClient(t, ks), opts), context.Canceled)
		length, before := out.Len(), steps
		time.Sleep(time.Millisecond) // the moment in which it came
		if out.Len() != length || steps != before || strings.Contains(out.String(), "slow") {
			t.Fatalf("got output after the return, want none:\n%s", out.String())
		}
	}
}

// TestProgressThatBlocks wants ctx to end a sign-in whose Progress does not return.
func TestProgressThatBlocks(t *testing.T) {
	ks, opts := parallel(t)
	release, called := make(chan struct{}), make(chan struct{})
	defer close(release)
	opts.Output = io.Discard
	opts.Progress = func(websso.Event) { close(called); <-release }
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-called; cancel() }()
	wantError(t, websso.Authenticate(ctx, newClient(t, ks), opts), context.Canceled)
}
