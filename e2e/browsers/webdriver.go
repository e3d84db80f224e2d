package browsers

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
)

// command is a W3C WebDriver command. Marionette uses its name, other drivers its
// method and path.
type command struct{ name, method, path string }

var (
	newSession   = command{"WebDriver:NewSession", http.MethodPost, ""}
	newWindow    = command{"WebDriver:NewWindow", http.MethodPost, "/window/new"}
	switchTo     = command{"WebDriver:SwitchToWindow", http.MethodPost, "/window"}
	navigate     = command{"WebDriver:Navigate", http.MethodPost, "/url"}
	execute      = command{"WebDriver:ExecuteScript", http.MethodPost, "/execute/sync"}
	findElement  = command{"WebDriver:FindElement", http.MethodPost, "/element"}
	clickElement = command{"WebDriver:ElementClick", http.MethodPost, "/element/{id}/click"}
	typeElement  = command{"WebDriver:ElementSendKeys", http.MethodPost, "/element/{id}/value"}
	screenshot   = command{"WebDriver:TakeScreenshot", http.MethodGet, "/screenshot"}
	getWindow    = command{"WebDriver:GetWindowHandle", http.MethodGet, "/window"}
	closeWindow  = command{"WebDriver:CloseWindow", http.MethodDelete, "/window"}
)

// elementKey is the key of an element's ID in JSON (W3C WebDriver, "Elements").
const elementKey = "element-6066-11e4-a52e-4f735466cecf"

// capabilities asks that no command wait for a page to load. The tests wait themselves,
// with a limit.
func capabilities(more map[string]any) map[string]any {
	always := map[string]any{"pageLoadStrategy": "none", "unhandledPromptBehavior": "ignore"}
	for name, value := range more {
		always[name] = value
	}
	return map[string]any{"capabilities": map[string]any{"alwaysMatch": always}}
}

// wire carries commands to a browser.
type wire interface {
	do(ctx context.Context, c command, params map[string]any, result any) error
}

// Browser is a running browser. It is told by WebDriver what to do, whose commands go to one
// current tab.
type Browser struct {
	wire  wire
	first string   // the tab that it starts with; it stays open
	stops []func() // end what it is made of, the last one first

	mu      sync.Mutex
	current string
}

// begin has start start the session, and ends the browser if there is none.
func (b *Browser) begin(ctx context.Context, start func() error) (*Browser, error) {
	err := start()
	if err == nil {
		err = b.wire.do(ctx, getWindow, nil, &b.first)
	}
	if err != nil {
		b.Close()
		return nil, err
	}
	b.current = b.first
	return b, nil
}

// Close ends the browser and all that was started for it. Its tabs can't be used afterward.
func (b *Browser) Close() {
	for _, stop := range slices.Backward(b.stops) {
		stop()
	}
}

// in runs f with the given tab as the current one.
func (b *Browser) in(ctx context.Context, handle string, f func() error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.current != handle {
		if err := b.wire.do(ctx, switchTo, map[string]any{"handle": handle}, nil); err != nil {
			return err
		}
		b.current = handle
	}
	return f()
}

// Open opens a URL in a new tab without an opener, as a program that opens a URL does. It
// does not wait for the page to load.
func (b *Browser) Open(ctx context.Context, url string) (*Tab, error) {
	var window struct{ Handle string }
	b.mu.Lock()
	err := b.wire.do(ctx, newWindow, map[string]any{"type": "window"}, &window)
	b.mu.Unlock()
	if err != nil {
		return nil, err
	}
	tab := &Tab{b, window.Handle}
	return tab, tab.do(ctx, navigate, map[string]any{"url": url}, nil)
}

// Tab is one tab of a browser.
type Tab struct {
	browser *Browser
	handle  string
}

func (t *Tab) do(ctx context.Context, c command, params map[string]any, result any) error {
	return t.browser.in(ctx, t.handle, func() error { return t.browser.wire.do(ctx, c, params, result) })
}

// Eval evaluates a JavaScript expression in the page and decodes its value.
func (t *Tab) Eval(ctx context.Context, expression string, value any) error {
	return t.do(ctx, execute, map[string]any{"script": "return " + expression, "args": []any{}}, value)
}

// element finds the first element that matches the CSS selector, and sends it a command.
func (t *Tab) element(ctx context.Context, selector string, c command, params map[string]any) error {
	return t.browser.in(ctx, t.handle, func() error {
		var element map[string]string
		if err := t.browser.wire.do(ctx, findElement, map[string]any{"using": "css selector", "value": selector}, &element); err != nil {
			return err
		}
		params["id"] = element[elementKey]
		return t.browser.wire.do(ctx, c, params, nil)
	})
}

// Click clicks an element, as a user does.
func (t *Tab) Click(ctx context.Context, selector string) error {
	return t.element(ctx, selector, clickElement, map[string]any{})
}

// Type types into an element.
func (t *Tab) Type(ctx context.Context, selector, text string) error {
	return t.element(ctx, selector, typeElement, map[string]any{"text": text})
}

// Screenshot returns a PNG of the visible part of the page.
func (t *Tab) Screenshot(ctx context.Context) ([]byte, error) {
	var encoded string
	if err := t.do(ctx, screenshot, map[string]any{"full": false}, &encoded); err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(encoded)
}

// Close closes the tab.
func (t *Tab) Close(ctx context.Context) error {
	if err := t.do(ctx, closeWindow, nil, nil); err != nil {
		return err
	}
	// Without a current tab, WebDriver can't even open a new one.
	return t.browser.in(ctx, t.browser.first, func() error { return nil })
}

// decode decodes a result, unless the caller wants none.
func decode(raw json.RawMessage, result any) error {
	if result == nil {
		return nil
	}
	if err := json.Unmarshal(raw, result); err != nil {
		return fmt.Errorf("the browser answered %s: %w", raw, err)
	}
	return nil
}
