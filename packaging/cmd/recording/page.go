package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

// photograph takes pictures of the last page of a sign-in in Chromium.
func (s *stage) photograph(dir string) error {
	for name, scheme := range map[string]string{"light": "1", "dark": "0"} {
		picture := filepath.Join(dir, "signed-in-"+name+".png")
		client := &gophercloud.ProviderClient{HTTPClient: http.Client{Transport: &http.Transport{
			TLSClientConfig: &tls.Config{RootCAs: s.roots, MinVersion: tls.VersionTLS12},
		}}}
		if err := s.photographOnce(client, picture, scheme); err != nil {
			return err
		}
	}
	return nil
}

func (s *stage) photographOnce(client *gophercloud.ProviderClient, picture, scheme string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	taken := make(chan error, 1)
	err := websso.Authenticate(ctx, client, websso.AuthOptions{
		IdentityEndpoint: s.endpoint(),
		IdentityProvider: webssotest.IdentityProvider,
		Protocol:         webssotest.Protocol,
		Scope:            &gophercloud.AuthScope{ProjectName: "demo", DomainName: "Default"},
		Cache:            &websso.MemoryCache{},
		Output:           io.Discard,
		OpenURL: func(url string) error {
			go func() { taken <- chromium(ctx, url, picture, scheme) }()
			return nil
		},
	})
	if err != nil {
		return err
	}
	return <-taken
}

// chromium opens a page, waits for a few seconds, and takes a picture of where it is then.
func chromium(ctx context.Context, url, picture, scheme string) error {
	profile, err := os.MkdirTemp("", "websso-chromium-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(profile)
	cmd := exec.CommandContext(ctx, "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--ignore-certificate-errors", "--hide-scrollbars",
		"--user-data-dir="+profile, "--window-size=800,360", "--blink-settings=preferredColorScheme="+scheme,
		"--virtual-time-budget=15000", "--screenshot="+picture, url)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("chromium: %w\n%s", err, out)
	}
	return nil
}
