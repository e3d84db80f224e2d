package command

import (
	"testing"
)

func TestNearest(t *testing.T) {
	names := []string{"login", "logout", "status", "projects", "token", "env", "exec", "kube-credential", "--project-name", "-o", `"ls"`, "WEBSSO_CACHE_DIR"}
	for text, want := range map[string]string{
		"tokne": "token", "logni": "login", "lgoout": "logout", "staus": "status", "project": "projects", "exce": "exec",
		"kubecredential": "kube-credential", "--projet-name": "--project-name", "--project": "",
		"frob": "", "": "", "x": "", "list": "", "-x": "", "signin": "", "LOGIN": "", `"lx"`: "",
		"WEBSSO_CACHEDIR": "WEBSSO_CACHE_DIR", "WEBSSO_E2E_DIR": "",
	} {
		if got := nearest(text, names); got != want {
			t.Errorf("nearest(%q): got %q, want %q", text, got, want)
		}
	}
}
