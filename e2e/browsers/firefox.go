package browsers

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// StartFirefox starts Firefox without a window. It is driven through Marionette, which is
// WebDriver's commands as JSON over a socket. geckodriver uses the same protocol.
func StartFirefox(ctx context.Context, o Options) (*Browser, error) {
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
	b := &Browser{wire: wire, stops: []func(){p.stop, func() { wire.conn.Close() }}}
	return b.begin(ctx, func() error {
		if err := wire.do(ctx, newSession, capabilities(nil), nil); err != nil || !o.BlockStorage {
			return err
		}
		return b.allowStorage(ctx, o.Allowed)
	})
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

// allowStorage makes the exceptions that a user makes in the settings.
func (b *Browser) allowStorage(ctx context.Context, hosts []string) error {
	for _, host := range hosts {
		if err := b.chrome(ctx, `
			const principal = Services.scriptSecurityManager.createContentPrincipalFromOrigin("https://" + arguments[0]);
			Services.perms.addFromPrincipal(principal, "cookie", Services.perms.ALLOW_ACTION);`, nil, host); err != nil {
			return err
		}
	}
	return nil
}

// OpenInContainer opens a tab in a container of Firefox's, which has its own storage and
// cookies.
func (b *Browser) OpenInContainer(ctx context.Context, url string) (*Tab, error) {
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
	return &Tab{b, handle}, nil
}

// chrome runs a script with the privileges of the browser's own code.
func (b *Browser) chrome(ctx context.Context, script string, result any, args ...any) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	setContext := command{name: "Marionette:SetContext"}
	if err := b.wire.do(ctx, setContext, map[string]any{"value": "chrome"}, nil); err != nil {
		return err
	}
	err := b.wire.do(ctx, execute, map[string]any{"script": script, "args": args}, result)
	if back := b.wire.do(ctx, setContext, map[string]any{"value": "content"}, nil); err == nil {
		err = back
	}
	return err
}

// marionette is the wire to Firefox. A message is a length, a colon and JSON (Firefox
// Source Docs, "Marionette Protocol"). The driver sends one command after the other.
type marionette struct {
	conn    net.Conn
	last    int         // the number of the last command
	answers chan answer // closed when the connection ends
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
				m := &marionette{conn: conn, answers: make(chan answer, 100)} // more than nobody waits for any more
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

// read passes answers on until the connection ends.
func (m *marionette) read() {
	defer close(m.answers)
	in := bufio.NewReader(m.conn)
	for {
		var length int
		if _, err := fmt.Fscanf(in, "%d:", &length); err != nil {
			return
		}
		message := make([]byte, length)
		if _, err := io.ReadFull(in, message); err != nil {
			return
		}
		var a answer
		if json.Unmarshal(message, &a) == nil { // the first message, who is there, is none
			m.answers <- a
		}
	}
}

func (m *marionette) do(ctx context.Context, c command, params map[string]any, result any) error {
	if params == nil {
		params = map[string]any{}
	}
	m.last++
	message, err := json.Marshal([]any{0, m.last, c.name, params})
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(m.conn, "%d:%s", len(message), message); err != nil {
		return fmt.Errorf("firefox: %s: %w", c.name, err)
	}
	a, err := m.answer(ctx)
	if err != nil {
		return fmt.Errorf("firefox: %s: %w", c.name, err)
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

// answer waits for the answer to the last command, past those to commands that were given up.
func (m *marionette) answer(ctx context.Context) (answer, error) {
	for {
		select {
		case a, ok := <-m.answers:
			if !ok {
				return a, errors.New("the browser closed the connection")
			}
			if string(a[1]) == strconv.Itoa(m.last) {
				return a, nil
			}
		case <-ctx.Done():
			return answer{}, context.Cause(ctx)
		}
	}
}
