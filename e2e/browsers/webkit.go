package browsers

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// StartWebKitGTK starts a display and WebKitWebDriver, which starts WebKitGTK's MiniBrowser
// there.
func StartWebKitGTK(ctx context.Context, miniBrowser string, o Options) (*Browser, error) {
	display, stop, err := StartDisplay(ctx, o.Dir)
	if err != nil {
		return nil, err
	}
	return startDriver(ctx, "webkit", o, []string{
		"DISPLAY=" + display,
		"XAUTHORITY=/dev/null",
		"GSETTINGS_BACKEND=memory", "NO_AT_BRIDGE=1", "GTK_A11Y=none", "LIBGL_ALWAYS_SOFTWARE=1",
	}, map[string]any{
		// WebKitGTK trusts the system's authorities, which a test must not change.
		"acceptInsecureCerts": true,
		"webkitgtk:browserOptions": map[string]any{
			"binary": miniBrowser,
			"args":   []string{"--automation", "--javascript-can-open-windows-automatically=true"},
		},
	}, stop)
}

// StartDisplay starts an X server with its log in dir. It returns the name of its display,
// which the server chooses.
func StartDisplay(ctx context.Context, dir string) (name string, stop func(), err error) {
	told, tell, err := os.Pipe()
	if err != nil {
		return "", nil, err
	}
	defer told.Close()
	p, err := startWith(dir, "display", nil, []*os.File{tell}, "Xvfb",
		"-displayfd", "3", "-screen", "0", "1280x1024x24", "-nolisten", "tcp", "-fbdir", dir)
	tell.Close()
	if err != nil {
		return "", nil, err
	}
	defer context.AfterFunc(ctx, func() { told.Close() })()
	number, err := bufio.NewReader(told).ReadString('\n')
	if err != nil {
		p.stop()
		return "", nil, fmt.Errorf("display: %w; see %s", err, filepath.Join(dir, "display.log"))
	}
	return ":" + strings.TrimSpace(number), p.stop, nil
}
