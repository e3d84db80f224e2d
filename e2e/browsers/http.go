package browsers

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// startDriver starts a driver, which is a program that speaks WebDriver over HTTP, and by it
// the browser with the capabilities that are asked for. stops end what the browser needs.
func startDriver(ctx context.Context, name string, o Options, env []string, asked map[string]any, stops ...func()) (*Browser, error) {
	b := &Browser{stops: stops}
	return b.begin(ctx, func() error {
		port, err := freePort(ctx)
		if err != nil {
			return err
		}
		p, err := start(o.Dir, name, env, o.Program, "--port="+strconv.Itoa(port))
		if err != nil {
			return err
		}
		b.stops = append(b.stops, p.stop)
		wire := &httpWire{name: name, url: "http://127.0.0.1:" + strconv.Itoa(port) + "/session"}
		b.wire = wire
		return wire.newSession(ctx, p.done, capabilities(asked))
	})
}

// freePort returns a port that was free a moment ago. WebKitWebDriver can't choose one
// itself.
func freePort(ctx context.Context) (int, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// httpWire is the wire to a W3C WebDriver, over HTTP.
type httpWire struct {
	name string // of the browser
	url  string
}

// newSession waits until the driver listens, and starts a session.
func (w *httpWire) newSession(ctx context.Context, ended <-chan struct{}, params map[string]any) error {
	ticker := time.NewTicker(poll)
	defer ticker.Stop()
	for {
		var session struct{ SessionID string }
		err := w.do(ctx, newSession, params, &session)
		if err == nil {
			w.url += "/" + session.SessionID
			return nil
		}
		if refused := new(commandError); errors.As(err, &refused) {
			return err
		}
		select {
		case <-ended:
			return fmt.Errorf("%s: the driver ended: %w", w.name, err)
		case <-ctx.Done():
			return fmt.Errorf("%s: %w", w.name, err)
		case <-ticker.C:
		}
	}
}

// commandError is an error that the driver answers.
type commandError struct{ text string }

func (e *commandError) Error() string { return e.text }

func (w *httpWire) do(ctx context.Context, c command, params map[string]any, result any) error {
	path := c.path
	if id, ok := params["id"].(string); ok {
		path = strings.Replace(path, "{id}", id, 1)
	}
	var body io.Reader = http.NoBody
	if c.method == http.MethodPost {
		text, err := json.Marshal(params)
		if err != nil {
			return err
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, c.method, w.url+path, body)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("%s: %w", w.name, err)
	}
	defer resp.Body.Close()
	var answer struct{ Value json.RawMessage }
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return fmt.Errorf("%s: %s: %w", w.name, path, err)
	}
	if resp.StatusCode != http.StatusOK {
		var said struct{ Error, Message string }
		_ = json.Unmarshal(answer.Value, &said) // shown empty if it can't be read
		return &commandError{fmt.Sprintf("%s: %s: %s: %s", w.name, path, said.Error, said.Message)}
	}
	return decode(answer.Value, result)
}
