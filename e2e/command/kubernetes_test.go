package command_test

import (
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// kubernetes starts a server that kubectl takes for a cluster, and that asks Keystone who
// the user is. KUBECONFIG then names it, with websso as the credential plugin and with
// the given version of ExecCredential and interactiveMode.
func kubernetes(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: kubernetes VERSION MODE")
	}
	api := newTokenAPI(ts.Getenv)
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		about, status, err := api.ask(r.Context(), http.MethodGet, token)
		if !ok || err != nil || status != http.StatusOK {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}`)
			return
		}
		fmt.Fprintf(w, "hello %s of %s\n", about.Token.User.Name, about.Token.Project.Name)
	}))
	ts.Defer(server.Close)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	ts.Check(os.WriteFile(ts.MkAbs("kubernetes.crt"), ca, 0o600))
	ts.Check(os.WriteFile(ts.MkAbs("kubeconfig"), fmt.Appendf(nil, `
apiVersion: v1
kind: Config
current-context: it
contexts: [{name: it, context: {cluster: it, user: me}}]
clusters: [{name: it, cluster: {server: %q, certificate-authority: %q}}]
users:
- name: me
  user:
    exec:
      apiVersion: client.authentication.k8s.io/%s
      command: websso
      args: [kube-credential, --cloud, websso]
      interactiveMode: %s
`, server.URL, ts.MkAbs("kubernetes.crt"), args[0], args[1]), 0o600))
	ts.Setenv("KUBECONFIG", ts.MkAbs("kubeconfig"))
}
