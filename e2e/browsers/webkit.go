package browsers

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// WebKitGTK is WebKitGTK's MiniBrowser, driven through WebKitWebDriver. Its window is
// on a virtual display of its own.
type WebKitGTK struct {
	driver
	processes []*process
}

// StartWebKitGTK starts a display and WebKitWebDriver, which starts the browser.
func StartWebKitGTK(ctx context.Context, miniBrowser string, o Options) (*WebKitGTK, error) {
	b := &WebKitGTK{}
	display, err := b.startDisplay(ctx, o.Dir)
	if err != nil {
		b.Close()
		return nil, fmt.Errorf("display: %w", err)
	}
	port, err := freePort(ctx)
	if err != nil {
		b.Close()
		return nil, err
	}
	p, err := start(o.Dir, "webkit", []string{
		"DISPLAY=" + display,
		"XAUTHORITY=/dev/null",
		"GSETTINGS_BACKEND=memory", "NO_AT_BRIDGE=1", "GTK_A11Y=none", "LIBGL_ALWAYS_SOFTWARE=1",
	}, o.Program, "--host=127.0.0.1", "--port="+strconv.Itoa(port))
	if err != nil {
		b.Close()
		return nil, err
	}
	b.processes = append(b.processes, p)
	wire := &httpWire{url: "http://127.0.0.1:" + strconv.Itoa(port) + "/session"}
	b.wire = wire
	err = wire.newSession(ctx, p.done, capabilities(map[string]any{
		// WebKitGTK trusts the system's authorities, which a test must not change.
		"acceptInsecureCerts": true,
		"webkitgtk:browserOptions": map[string]any{
			"binary": miniBrowser,
			"args":   []string{"--automation", "--javascript-can-open-windows-automatically=true"},
		},
	}))
	if err == nil {
		err = b.begin(ctx)
	}
	if err != nil {
		b.Close()
		return nil, err
	}
	return b, nil
}

// Close ends the browser, its driver and its display.
func (b *WebKitGTK) Close() {
	for i := len(b.processes) - 1; i >= 0; i-- {
		b.processes[i].stop()
	}
}

// startDisplay starts an X server and returns the name of its display, which the
// server chooses.
func (b *WebKitGTK) startDisplay(ctx context.Context, dir string) (string, error) {
	program, err := exec.LookPath("Xvfb")
	if err != nil {
		return "", err
	}
	told, tell, err := os.Pipe()
	if err != nil {
		return "", err
	}
	defer told.Close()
	p, err := startWith(dir, "display", nil, []*os.File{tell}, program,
		"-displayfd", "3", "-screen", "0", "1280x1024x24", "-nolisten", "tcp", "-fbdir", dir)
	tell.Close()
	if err != nil {
		return "", err
	}
	b.processes = append(b.processes, p)
	defer context.AfterFunc(ctx, func() { told.Close() })()
	number, err := bufio.NewReader(told).ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("%w; see %s", err, filepath.Join(dir, "display.log"))
	}
	return ":" + strings.TrimSpace(number), nil
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
type httpWire struct{ url string }

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
			return fmt.Errorf("webkit: the driver ended: %w", err)
		case <-ctx.Done():
			return fmt.Errorf("webkit: %w", err)
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
		return fmt.Errorf("webkit: %w", err)
	}
	defer resp.Body.Close()
	var answer struct{ Value json.RawMessage }
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return fmt.Errorf("webkit: %s: %w", path, err)
	}
	if resp.StatusCode != http.StatusOK {
		var said struct{ Error, Message string }
		_ = json.Unmarshal(answer.Value, &said) // shown empty if it can't be read
		return &commandError{fmt.Sprintf("webkit: %s: %s: %s", path, said.Error, said.Message)}
	}
	return decode(answer.Value, result)
}
