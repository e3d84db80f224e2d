package doctor

import (
	"context"
	_ "embed"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// plugins prints the modules that keystoneauth may load for the auth_type v3websso.
//
//go:embed plugins.py
var plugins string

// python looks for plugins that are in the way of each other. There is no finding if
// Python or the plugin of this project is not there.
func python(ctx context.Context) []Finding {
	path := pythonOfOpenstack()
	if path == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, path, "-c", plugins).Output()
	all := strings.Fields(string(out))
	const own = "keystoneauth_websso_command:"
	if err != nil || !slices.ContainsFunc(all, func(p string) bool { return strings.HasPrefix(p, own) }) {
		return nil
	}
	for _, plugin := range all {
		if strings.HasPrefix(plugin, own) || strings.HasPrefix(plugin, "keystoneauth1.") { // it gives way
			continue
		}
		module, _, _ := strings.Cut(plugin, ":")
		name, _, _ := strings.Cut(module, ".")
		uninstall := path + " -m pip uninstall " + strings.ReplaceAll(name, "_", "-")
		return []Finding{{"python", Warning, path + " has two plugins for v3websso, of which keystoneauth may use neither", "uninstall " + module, uninstall}}
	}
	return []Finding{{Check: "python", State: OK, Found: path + " uses this sign-in"}}
}

// pythonOfOpenstack returns the Python that runs openstackclient, or else the one in PATH.
func pythonOfOpenstack() string {
	if script, err := exec.LookPath("openstack"); err == nil {
		text, _ := os.ReadFile(script)
		line, _, _ := strings.Cut(string(text), "\n")
		if words := strings.Fields(strings.TrimPrefix(line, "#!")); len(words) > 0 && strings.HasPrefix(line, "#!") && filepath.IsAbs(words[0]) && strings.HasPrefix(filepath.Base(words[0]), "python") {
			return words[0]
		}
	}
	path, err := exec.LookPath("python3")
	if err != nil {
		return ""
	}
	return path
}
