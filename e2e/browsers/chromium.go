package browsers

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// Chromium is Chromium, driven through the DevTools protocol.
type Chromium struct {
	options Options
	ctx     context.Context //nolint:containedctx // chromedp identifies a browser by the context of its first tab
	cancel  []context.CancelFunc
	cmd     *exec.Cmd
}

// StartChromium starts Chromium without a window.
func StartChromium(ctx context.Context, o Options) (*Chromium, error) {
	profile := filepath.Join(o.Dir, "profile")
	if err := writeChromiumPreferences(profile, o); err != nil {
		return nil, err
	}
	// Chromium looks for certificates below HOME, and writes settings there.
	home := filepath.Join(o.Dir, "home")
	if err := os.CopyFS(home, os.DirFS(o.Home)); err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(o.Dir, "chromium.log"))
	if err != nil {
		return nil, err
	}
	b := &Chromium{options: o}
	alloc, cancelAlloc := chromedp.NewExecAllocator(context.WithoutCancel(ctx),
		chromedp.ExecPath(o.Program),
		chromedp.UserDataDir(profile),
		chromedp.CombinedOutput(log),
		chromedp.Headless, chromedp.NoSandbox, chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck, chromedp.DisableGPU,
		chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.Flag("password-store", "basic"),
		// The hostile pages get every popup that they ask for,
		chromedp.Flag("disable-popup-blocking", true),
		// and are not slowed down because nobody looks at them.
		chromedp.Flag("disable-background-timer-throttling", true),
		chromedp.Flag("disable-renderer-backgrounding", true),
		chromedp.Flag("disable-backgrounding-occluded-windows", true),
		chromedp.NoInheritEnv,
		chromedp.Env(append(bareEnv(o.Dir), "HOME="+home)...),
		chromedp.ModifyCmdFunc(func(cmd *exec.Cmd) {
			b.cmd = cmd
			if cmd.SysProcAttr == nil {
				cmd.SysProcAttr = &syscall.SysProcAttr{}
			}
			cmd.SysProcAttr.Setpgid = true
		}),
	)
	first, cancelFirst := chromedp.NewContext(alloc)
	b.ctx, b.cancel = first, []context.CancelFunc{cancelFirst, cancelAlloc, func() { log.Close() }}
	// The first Do starts the browser. It runs until this context ends.
	if err := chromedp.Do(first); err != nil {
		b.Close()
		return nil, fmt.Errorf("chromium: %w", err)
	}
	return b, nil
}

// writeChromiumPreferences writes the settings that a user would have made.
func writeChromiumPreferences(profile string, o Options) error {
	if !o.BlockStorage {
		return nil
	}
	const allow, block = 1, 2
	exceptions := map[string]any{}
	for _, host := range o.Allowed {
		exceptions["https://"+host+":443,*"] = map[string]any{"setting": allow}
	}
	text, err := json.Marshal(map[string]any{"profile": map[string]any{
		"default_content_setting_values": map[string]any{"cookies": block},
		"content_settings":               map[string]any{"exceptions": map[string]any{"cookies": exceptions}},
	}})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(profile, "Default"), 0o700); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(profile, "Default", "Preferences"), text, 0o600)
}

// Close ends the browser.
func (b *Chromium) Close() {
	for _, cancel := range b.cancel {
		cancel()
	}
	if b.cmd != nil && b.cmd.Process != nil {
		_ = syscall.Kill(-b.cmd.Process.Pid, syscall.SIGKILL)
	}
	b.cmd = nil // its process ID may be reused
}

// Open opens a tab.
func (b *Chromium) Open(ctx context.Context, url string) (Tab, error) {
	own, cancel := chromedp.NewContext(b.ctx)
	tab := &chromiumTab{ctx: own, cancel: cancel}
	// A tab ends with the context of its first Do, which must not be the caller's.
	err := chromedp.Do(own)
	if err == nil && b.options.NoScript {
		_, err = call(ctx, tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	}
	if err == nil {
		_, err = call(ctx, tab, page.Navigate, page.NavigateParams{URL: url})
	}
	if err != nil {
		cancel()
		return nil, fmt.Errorf("chromium: %w", err)
	}
	return tab, nil
}

type chromiumTab struct {
	ctx    context.Context //nolint:containedctx // chromedp identifies a tab by its context
	cancel context.CancelFunc
}

// run runs an action in the tab until ctx ends.
func run[T any](ctx context.Context, t *chromiumTab, action chromedp.Action[T]) (T, error) {
	both, cancel := context.WithCancelCause(t.ctx)
	defer cancel(nil)
	defer context.AfterFunc(ctx, func() { cancel(context.Cause(ctx)) })()
	return chromedp.Run(both, action)
}

func call[P, R any](ctx context.Context, t *chromiumTab, command cdp.Command[P, R], params P) (R, error) {
	return run(ctx, t, func(ctx context.Context, target *chromedp.Target) (R, error) {
		return cdp.Call(ctx, target, command, params)
	})
}

func (t *chromiumTab) Eval(ctx context.Context, expression string, value any) error {
	raw, err := run(ctx, t, chromedp.Evaluate[[]byte](expression, chromedp.EvalAwaitPromise, chromedp.EvalAsValue))
	if err != nil || value == nil {
		return err
	}
	return json.Unmarshal(raw, value)
}

func (t *chromiumTab) Click(ctx context.Context, selector string) error {
	_, err := run(ctx, t, chromedp.Click(chromedp.CSS(selector)))
	return err
}

func (t *chromiumTab) Type(ctx context.Context, selector, text string) error {
	_, err := run(ctx, t, chromedp.SendKeys(chromedp.CSS(selector), text))
	return err
}

func (t *chromiumTab) Screenshot(ctx context.Context) ([]byte, error) {
	return run(ctx, t, chromedp.CaptureScreenshot())
}

func (t *chromiumTab) Close(context.Context) error {
	t.cancel()
	return nil
}

// Look is the size and color scheme of a page.
type Look struct {
	Width, Height int
	Dark          bool
}

// SetLook changes the look of a tab. It does nothing if the tab is not Chromium's.
func SetLook(ctx context.Context, tab Tab, look Look) error {
	t, ok := tab.(*chromiumTab)
	if !ok {
		return nil
	}
	scheme := "light"
	if look.Dark {
		scheme = "dark"
	}
	if _, err := call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	}); err != nil {
		return err
	}
	_, err := call(ctx, t, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: int64(look.Width), Height: int64(look.Height), DeviceScaleFactor: 1,
	})
	return err
}
