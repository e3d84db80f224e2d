package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/gophercloud-websso/websso"
)

// kubeVariable is how kubectl says what it wants of a credential plugin.
const kubeVariable = "KUBERNETES_EXEC_INFO"

// kubeVersions are the versions of ExecCredential that are spoken, the one for those who
// don't say first. They differ in the name alone, as far as this goes.
var kubeVersions = []string{"client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"}

func (a *app) kubeCredential() *cli.Command {
	return &cli.Command{
		Name:  "kube-credential",
		Usage: "sign kubectl in, as its credential plugin",
		Description: `Prints a token as kubectl asks its credential plugins for one, for clusters that
have Keystone check it (k8s-keystone-auth). Keystone is asked about the token
first. Your browser opens where nobody is signed in and kubectl is interactive.

Put this into your kubeconfig:
   users:
   - name: me
     user:
       exec:
         apiVersion: client.authentication.k8s.io/v1
         command: websso
         args: [kube-credential, --cloud, mycloud]
         interactiveMode: IfAvailable

What kubectl gets is this. Example:
   websso kube-credential --cloud mycloud`,
		Action: func(ctx context.Context, c *cli.Command) error {
			wanted, err := readKubeRequest(os.Getenv(kubeVariable))
			if err != nil {
				return unusable{err}
			}
			cloud, err := a.cloud(c)
			if err != nil {
				return err
			}
			if wanted.Spec.Interactive != nil && !*wanted.Spec.Interactive {
				cloud.opts.NonInteractive = true
			}
			client, err := cloud.signIn(ctx, true)
			if err != nil {
				return err
			}
			who, err := websso.Status(cloud.opts)
			if err != nil {
				return err
			}
			text, err := kubeCredentialOf(wanted.APIVersion, client.Token(), who.ExpiresAt)
			if err != nil {
				return err
			}
			return a.print(text)
		},
	}
}

// kubeRequest is the part of an ExecCredential that kubectl fills in.
type kubeRequest struct {
	Kind       string `json:"kind"`
	APIVersion string `json:"apiVersion"`
	Spec       struct {
		// Nil from a kubectl that is older than the field.
		Interactive *bool `json:"interactive"`
	} `json:"spec"`
}

func readKubeRequest(text string) (kubeRequest, error) {
	request := kubeRequest{APIVersion: kubeVersions[0]}
	if text == "" {
		return request, nil // a person has a look
	}
	if err := json.Unmarshal([]byte(text), &request); err != nil || request.Kind != "ExecCredential" {
		return kubeRequest{}, errors.New(kubeVariable + " holds no ExecCredential: is this kubectl?")
	}
	if !slices.Contains(kubeVersions, request.APIVersion) {
		return kubeRequest{}, fmt.Errorf("kubectl wants an ExecCredential of version %q: set apiVersion in the kubeconfig to one of %s",
			request.APIVersion, strings.Join(kubeVersions, ", "))
	}
	return request, nil
}

// kubeCredentialOf is what kubectl reads. It asks again when the token is over, and
// after a 401.
func kubeCredentialOf(version, token string, expires time.Time) (string, error) {
	type status struct {
		ExpirationTimestamp time.Time `json:"expirationTimestamp"`
		Token               string    `json:"token"`
	}
	text, err := json.Marshal(struct {
		Kind       string `json:"kind"`
		APIVersion string `json:"apiVersion"`
		Status     status `json:"status"`
	}{"ExecCredential", version, status{expires.UTC().Truncate(time.Second), token}})
	return string(text) + "\n", err
}
