package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// kubeVariable is how kubectl tells a credential plugin what it wants.
const kubeVariable = "KUBERNETES_EXEC_INFO"

// kubeVersions are the supported versions of ExecCredential, the default first. They
// differ only in their names, as far as this command is concerned.
var kubeVersions = []string{"client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"}

// execCredential is what kubectl sends, with a spec, and reads, with a status. It runs the
// plugin again when the token has expired, and after a 401.
type execCredential struct {
	Kind       string `json:"kind"`
	APIVersion string `json:"apiVersion"`
	Spec       struct {
		// Nil from a kubectl older than the field.
		Interactive *bool `json:"interactive"`
	} `json:"spec,omitzero"`
	Status struct {
		Expires time.Time `json:"expirationTimestamp"`
		Token   string    `json:"token"`
	} `json:"status"`
}

func (p *program) kubeCredential() *cobra.Command {
	return p.command("kube-credential", "sign kubectl in, as a credential plugin", nil, forCloud(func(ctx context.Context, a *app, c *cloud) error {
		credential, err := readKubeRequest(os.Getenv(kubeVariable))
		if err != nil {
			return unusable(err)
		}
		silent := credential.Spec.Interactive != nil && !*credential.Spec.Interactive
		c.opts.NonInteractive, c.opts.Unattended = c.opts.NonInteractive || silent, true
		t, err := c.signIn(ctx, true)
		if err != nil {
			return err
		}
		credential.Spec.Interactive = nil // no part of the answer
		credential.Status.Expires, credential.Status.Token = t.Expires.UTC().Truncate(time.Second), t.ID
		return a.printJSON(credential, "")
	}))
}

// readKubeRequest reads what kubectl sends, which is nothing if the user runs the command.
func readKubeRequest(text string) (execCredential, error) {
	if text == "" {
		text = `{"kind": "ExecCredential"}`
	}
	request := execCredential{APIVersion: kubeVersions[0]}
	if err := json.Unmarshal([]byte(text), &request); err != nil || request.Kind != "ExecCredential" {
		return execCredential{}, errors.New(kubeVariable + " is not an ExecCredential: run this command from kubectl, or unset the variable")
	}
	if !slices.Contains(kubeVersions, request.APIVersion) {
		return execCredential{}, fmt.Errorf("kubectl asks for ExecCredential version %q: set apiVersion in the kubeconfig to one of %s",
			request.APIVersion, strings.Join(kubeVersions, ", "))
	}
	return request, nil
}
