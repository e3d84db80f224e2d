package browsers

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Firefox is Firefox, driven through Marionette, which is WebDriver's commands as JSON
// over a socket. geckodriver uses the same protocol.
type Firefox struct {
	driver
	process *process
	wire    *marionette
}

// StartFirefox starts Firefox without a window.
func StartFirefox(ctx context.Context, o Options) (*Firefox, error) {
	profile := filepath.Join(o.Dir, "profile")
	if err := os.Mkdir(profile, 0o700); err != nil {
		return nil, err
	}
	// Firefox takes the certificates from here and creates the rest of the profile.
	certs, err := os.ReadFile(filepath.Join(o.Home, ".pki", "nssdb", "cert9.db"))
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(profile, "cert9.db"), certs, 0o600); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(profile, "user.js"), firefoxPreferences(o), 0o600); err != nil {
		return nil, err
	}
	p, err := start(o.Dir, "firefox", nil, o.Program,
		"--headless", "--no-remote", "--profile", profile, "--marionette", "-remote-allow-system-access", "about:blank")
	if err != nil {
		return nil, err
	}
	wire, err := dialMarionette(ctx, filepath.Join(profile, "MarionetteActivePort"), p.done)
	if err != nil {
		p.stop()
		return nil, fmt.Errorf("firefox: %w", err)
	}
	b := &Firefox{driver: driver{wire: wire}, process: p, wire: wire}
	err = wire.do(ctx, newSession, capabilities(nil), nil)
	if err == nil {
		err = b.begin(ctx)
	}
	if err == nil && o.BlockStorage {
		err = b.allowStorage(ctx, o.Allowed)
	}
	if err != nil {
		b.Close()
		return nil, err
	}
	return b, nil
}

// firefoxPreferences returns the settings that keep Firefox from contacting other
// hosts, and those that the options ask for.
func firefoxPreferences(o Options) []byte {
	preferences := map[string]any{
		"marionette.port":                            0, // any free port; Firefox writes it to a file
		"browser.aboutwelcome.enabled":               false,
		"browser.shell.checkDefaultBrowser":          false,
		"app.update.enabled":                         false,
		"datareporting.policy.dataSubmissionEnabled": false,
		"network.captive-portal-service.enabled":     false,
		"network.connectivity-service.enabled":       false,
		"termsofuse.bypassNotification":              true,
		"browser.startup.homepage_override.mstone":   "ignore",
		"privacy.userContext.enabled":                true,
		// The hostile pages get every popup that they ask for,
		"dom.disable_open_during_load": false,
		"dom.popup_maximum":            1000,
		// and are not slowed down because nobody looks at them.
		"dom.min_background_timeout_value":                           4,
		"dom.min_background_timeout_value_without_budget_throttling": 4,
		"dom.timeout.enable_budget_timer_throttling":                 false,
	}
	if o.NoScript {
		preferences["javascript.enabled"] = false
	}
	if o.BlockStorage {
		const blockAll = 2
		preferences["network.cookie.cookieBehavior"] = blockAll
	}
	var text strings.Builder
	for name, value := range preferences {
		literal, _ := json.Marshal(value) // a bool, a number or a string always encodes
		fmt.Fprintf(&text, "user_pref(%q, %s);\n", name, literal)
	}
	return []byte(text.String())
}

// Close ends the browser.
func (b *Firefox) Close() {
	b.wire.conn.Close()
	b.process.stop()
}

// allowStorage makes the exceptions that a user makes in the settings.
func (b *Firefox) allowStorage(ctx context.Context, hosts []string) error {
	for _, host := range hosts {
		if err := b.chrome(ctx, `
			const principal = Services.scriptSecurityManager.createContentPrincipalFromOrigin("https://" + arguments[0]);
			Services.perms.addFromPrincipal(principal, "cookie", Services.perms.ALLOW_ACTION);`, nil, host); err != nil {
			return err
		}
	}
	return nil
}

// OpenInContainer opens a tab in a container, which has its own storage and cookies.
func (b *Firefox) OpenInContainer(ctx context.Context, url string) (Tab, error) {
	var handle string
	if err := b.chrome(ctx, `
		const window = Services.wm.getMostRecentWindow("navigator:browser");
		const tab = window.gBrowser.addTab(arguments[0], {
			userContextId: 1,
			triggeringPrincipal: Services.scriptSecurityManager.createContentPrincipalFromOrigin("https://container.invalid"),
		});
		const { NavigableManager } = ChromeUtils.importESModule("chrome://remote/content/shared/NavigableManager.sys.mjs");
		return NavigableManager.getIdForBrowser(tab.linkedBrowser);`, &handle, url); err != nil {
		return nil, err
	}
	return &driverTab{&b.driver, handle}, nil
}

// chrome runs a script with the privileges of the browser's own code.
func (b *Firefox) chrome(ctx context.Context, script string, result any, args ...any) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	setContext := command{name: "Marionette:SetContext"}
	if err := b.do(ctx, setContext, map[string]any{"value": "chrome"}, nil); err != nil {
		return err
	}
	err := b.do(ctx, execute, map[string]any{"script": script, "args": args}, result)
	if back := b.do(ctx, setContext, map[string]any{"value": "content"}, nil); err == nil {
		err = back
	}
	return err
}

// marionette is the wire to Firefox. A message is a length, a colon and JSON (Firefox
// Source Docs, "Marionette Protocol").
type marionette struct {
	conn net.Conn

	mu      sync.Mutex
	last    int
	waiting map[int]chan answer // by the command's number
	broken  error
}

// answer is a message from Firefox: its type, the command's number, an error or null,
// and the result.
type answer [4]json.RawMessage

// dialMarionette connects to the port that Firefox writes to portFile.
func dialMarionette(ctx context.Context, portFile string, ended <-chan struct{}) (*marionette, error) {
	ticker := time.NewTicker(poll)
	defer ticker.Stop()
	for {
		if port, err := os.ReadFile(portFile); err == nil && len(port) > 0 {
			addr := net.JoinHostPort("127.0.0.1", strings.TrimSpace(string(port)))
			if conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr); err == nil {
				m := &marionette{conn: conn, waiting: make(map[int]chan answer)}
				go m.read()
				return m, nil
			}
		}
		select {
		case <-ended:
			return nil, fmt.Errorf("it ended; see its log beside %s", filepath.Dir(portFile))
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-ticker.C:
		}
	}
}

// read brings answers to those who wait for them, until the connection ends.
func (m *marionette) read() {
	in := bufio.NewReader(m.conn)
	_, err := receive(in) // who is there
	for err == nil {
		var message []byte
		if message, err = receive(in); err != nil {
			break
		}
		var a answer
		var id int
		if err = json.Unmarshal(message, &a); err != nil {
			break
		}
		if err = json.Unmarshal(a[1], &id); err != nil {
			break
		}
		m.mu.Lock()
		// A caller that gave up has removed its channel.
		if place := m.waiting[id]; place != nil {
			place <- a
			delete(m.waiting, id)
		}
		m.mu.Unlock()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.broken = err
	for _, place := range m.waiting {
		close(place)
	}
}

func receive(in *bufio.Reader) ([]byte, error) {
	length, err := in.ReadString(':')
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(strings.TrimSuffix(length, ":"))
	if err != nil {
		return nil, err
	}
	message := make([]byte, n)
	_, err = io.ReadFull(in, message)
	return message, err
}

// send sends a command and returns the channel for its answer.
func (m *marionette) send(c command, params map[string]any) (int, <-chan answer, error) {
	if params == nil {
		params = map[string]any{}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken != nil {
		return 0, nil, m.broken
	}
	m.last++
	message, err := json.Marshal([]any{0, m.last, c.name, params})
	if err != nil {
		return 0, nil, err
	}
	place := make(chan answer, 1)
	m.waiting[m.last] = place
	_, err = fmt.Fprintf(m.conn, "%d:%s", len(message), message)
	return m.last, place, err
}

func (m *marionette) do(ctx context.Context, c command, params map[string]any, result any) error {
	id, place, err := m.send(c, params)
	if err != nil {
		return fmt.Errorf("firefox: %s: %w", c.name, err)
	}
	var a answer
	var ok bool
	select {
	case a, ok = <-place:
	case <-ctx.Done():
		m.mu.Lock()
		delete(m.waiting, id)
		m.mu.Unlock()
		return fmt.Errorf("firefox: %s: %w", c.name, context.Cause(ctx))
	}
	if !ok {
		return fmt.Errorf("firefox: %s: the browser closed the connection", c.name)
	}
	if string(a[2]) != "null" {
		var said struct{ Error, Message string }
		_ = json.Unmarshal(a[2], &said) // shown empty if it can't be read
		return fmt.Errorf("firefox: %s: %s: %s", c.name, said.Error, said.Message)
	}
	// Some results are wrapped in an object with a value, as in WebDriver; others are not.
	var wrapped struct{ Value json.RawMessage }
	if json.Unmarshal(a[3], &wrapped) == nil && wrapped.Value != nil {
		return decode(wrapped.Value, result)
	}
	return decode(a[3], result)
}
