package browsers

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
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

// driver speaks WebDriver, whose commands go to one current tab.
type driver struct {
	wire
	first string // the tab that the browser starts with; it stays open

	mu      sync.Mutex
	current string
}

// begin records the tab that the browser has started with.
func (d *driver) begin(ctx context.Context) error {
	if err := d.do(ctx, getWindow, nil, &d.first); err != nil {
		return err
	}
	d.current = d.first
	return nil
}

// in runs f with the given tab as the current one.
func (d *driver) in(ctx context.Context, handle string, f func() error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.current != handle {
		if err := d.do(ctx, switchTo, map[string]any{"handle": handle}, nil); err != nil {
			return err
		}
		d.current = handle
	}
	return f()
}

// Open opens a tab.
func (d *driver) Open(ctx context.Context, url string) (Tab, error) {
	var window struct{ Handle string }
	d.mu.Lock()
	err := d.do(ctx, newWindow, map[string]any{"type": "window"}, &window)
	d.mu.Unlock()
	if err != nil {
		return nil, err
	}
	tab := &driverTab{d, window.Handle}
	return tab, tab.do(ctx, navigate, map[string]any{"url": url}, nil)
}

type driverTab struct {
	driver *driver
	handle string
}

func (t *driverTab) do(ctx context.Context, c command, params map[string]any, result any) error {
	return t.driver.in(ctx, t.handle, func() error { return t.driver.do(ctx, c, params, result) })
}

func (t *driverTab) Eval(ctx context.Context, expression string, value any) error {
	return t.do(ctx, execute, map[string]any{"script": "return " + expression, "args": []any{}}, value)
}

// element finds an element and sends it a command.
func (t *driverTab) element(ctx context.Context, selector string, c command, params map[string]any) error {
	return t.driver.in(ctx, t.handle, func() error {
		var element map[string]string
		if err := t.driver.do(ctx, findElement, map[string]any{"using": "css selector", "value": selector}, &element); err != nil {
			return err
		}
		params["id"] = element[elementKey]
		return t.driver.do(ctx, c, params, nil)
	})
}

func (t *driverTab) Click(ctx context.Context, selector string) error {
	return t.element(ctx, selector, clickElement, map[string]any{})
}

func (t *driverTab) Type(ctx context.Context, selector, text string) error {
	return t.element(ctx, selector, typeElement, map[string]any{"text": text})
}

func (t *driverTab) Screenshot(ctx context.Context) ([]byte, error) {
	var encoded string
	if err := t.do(ctx, screenshot, map[string]any{"full": false}, &encoded); err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(encoded)
}

func (t *driverTab) Close(ctx context.Context) error {
	if err := t.do(ctx, closeWindow, nil, nil); err != nil {
		return err
	}
	// Without a current tab, WebDriver can't even open a new one.
	return t.driver.in(ctx, t.driver.first, func() error { return nil })
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
