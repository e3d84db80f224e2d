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

func (p *program) kubeCredential() *cobra.Command {
	return p.command("kube-credential", "sign kubectl in, as a credential plugin",
		nil,
		func(ctx context.Context, a *app, _ []string) error {
			wanted, err := readKubeRequest(os.Getenv(kubeVariable))
			if err != nil {
				return unusable(err)
			}
			c, err := a.chosenCloud()
			if err != nil {
				return err
			}
			if wanted.Spec.Interactive != nil && !*wanted.Spec.Interactive {
				c.opts.NonInteractive = true
			}
			c.opts.Unattended = true
			client, err := c.signIn(ctx, true)
			if err != nil {
				return err
			}
			token, _, err := describeToken(client)
			if err != nil {
				return err
			}
			return a.printJSON(kubeCredential{"ExecCredential", wanted.APIVersion, kubeStatus{token.ExpiresAt.UTC().Truncate(time.Second), client.Token()}}, "")
		})
}

// kubeRequest is the part of an ExecCredential that kubectl sends.
type kubeRequest struct {
	Kind       string `json:"kind"`
	APIVersion string `json:"apiVersion"`
	Spec       struct {
		// Nil from a kubectl older than the field.
		Interactive *bool `json:"interactive"`
	} `json:"spec"`
}

func readKubeRequest(text string) (kubeRequest, error) {
	request := kubeRequest{APIVersion: kubeVersions[0]}
	if text == "" {
		return request, nil // run by hand
	}
	if err := json.Unmarshal([]byte(text), &request); err != nil || request.Kind != "ExecCredential" {
		return kubeRequest{}, errors.New(kubeVariable + " is not an ExecCredential: run this command from kubectl, or unset the variable")
	}
	if !slices.Contains(kubeVersions, request.APIVersion) {
		return kubeRequest{}, fmt.Errorf("kubectl asks for ExecCredential version %q: set apiVersion in the kubeconfig to one of %s",
			request.APIVersion, strings.Join(kubeVersions, ", "))
	}
	return request, nil
}

// kubeCredential is what kubectl reads. It runs the plugin again when the token has expired,
// and after a 401.
type kubeCredential struct {
	Kind       string     `json:"kind"`
	APIVersion string     `json:"apiVersion"`
	Status     kubeStatus `json:"status"`
}

type kubeStatus struct {
	Expires time.Time `json:"expirationTimestamp"`
	Token   string    `json:"token"`
}
