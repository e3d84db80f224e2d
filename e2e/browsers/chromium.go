package browsers

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
)

// StartChromium starts chromedriver, which starts Chromium without a window.
func StartChromium(ctx context.Context, o Options) (*Browser, error) {
	profile := filepath.Join(o.Dir, "profile")
	if err := writeChromiumPreferences(profile, o); err != nil {
		return nil, err
	}
	// Chromium looks for certificates below HOME, and writes settings there.
	home := filepath.Join(o.Dir, "home")
	if err := os.CopyFS(home, os.DirFS(o.Home)); err != nil {
		return nil, err
	}
	return startDriver(ctx, "chromium", o, []string{"HOME=" + home}, map[string]any{"goog:chromeOptions": map[string]any{"args": []string{
		"user-data-dir=" + profile,
		"headless", "window-size=1280,1024", "no-sandbox", "disable-gpu", "disable-dev-shm-usage", "no-default-browser-check",
		// The hostile pages get every popup that they ask for,
		"disable-popup-blocking",
		// and are not slowed down because nobody looks at them.
		"disable-background-timer-throttling", "disable-renderer-backgrounding", "disable-backgrounding-occluded-windows",
	}}})
}

// writeChromiumPreferences writes the settings that a user would have made.
func writeChromiumPreferences(profile string, o Options) error {
	const allow, block = 1, 2
	defaults, exceptions := map[string]any{}, map[string]any{}
	if o.NoScript {
		defaults["javascript"] = block
	}
	if o.BlockStorage {
		defaults["cookies"] = block
	}
	for _, host := range o.Allowed {
		exceptions["https://"+host+":443,*"] = map[string]any{"setting": allow}
	}
	text, err := json.Marshal(map[string]any{"profile": map[string]any{
		"default_content_setting_values": defaults,
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

// Look is the size and color scheme of a page.
type Look struct {
	Width, Height int
	Dark          bool
}

// SetLook changes the look of a tab of Chromium's.
func SetLook(ctx context.Context, tab *Tab, look Look) error {
	scheme := "light"
	if look.Dark {
		scheme = "dark"
	}
	devTools := command{"", http.MethodPost, "/goog/cdp/execute"}
	for name, params := range map[string]any{
		"Emulation.setEmulatedMedia":         map[string]any{"features": []any{map[string]any{"name": "prefers-color-scheme", "value": scheme}}},
		"Emulation.setDeviceMetricsOverride": map[string]any{"width": look.Width, "height": look.Height, "deviceScaleFactor": 1, "mobile": false},
	} {
		if err := tab.do(ctx, devTools, map[string]any{"cmd": name, "params": params}, nil); err != nil {
			return err
		}
	}
	return nil
}
