package main

import (
	"cmp"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/urfave/cli/v3"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/clouds"
)

// fixedValues are the values of options that have few.
var fixedValues = map[string][]candidate{
	"interface":     {{"public", ""}, {"internal", ""}, {"admin", ""}},
	"protocol":      {{"openid", "OpenID Connect"}, {"saml2", "SAML"}, {"mapped", "by a mapping of Keystone"}},
	"redirect-host": {{"localhost", ""}, {"127.0.0.1", ""}, {"::1", ""}},
	"system-scope":  {{"all", ""}},
	"output":        {{"text", ""}, {"json", ""}},
	"cache":         {{cacheFile, ""}, {cacheKeyring, "in files, encrypted with a key in the system's keyring"}, {cacheMemory, "until the command ends"}},
}

// values returns the values of an option. What the usage calls a FILE or DIRECTORY is one.
func (l *line) values(flag cli.Flag) (kind string, candidates []candidate) {
	name := flag.Names()[0]
	switch {
	case strings.Contains(usageOf(flag), "`FILE`"):
		return offerFiles, nil
	case strings.Contains(usageOf(flag), "`DIRECTORY`"):
		return offerDirectories, nil
	case name == "cloud":
		// Without a clouds.yaml there are none.
		names, _ := clouds.Names()
		return offerWords, undescribed(names)
	case name == "shell":
		return offerWords, undescribed(slices.Sorted(maps.Keys(shells)))
	case name == "project-name":
		return offerWords, undescribed(l.cachedProjects(func(s gophercloud.AuthScope) string { return s.ProjectName }))
	case name == "project-id":
		return offerWords, undescribed(l.cachedProjects(func(s gophercloud.AuthScope) string { return s.ProjectID }))
	}
	return offerWords, fixedValues[name]
}

func undescribed(words []string) []candidate {
	candidates := make([]candidate, len(words))
	for i, word := range words {
		candidates[i].word = word
	}
	return candidates
}

// cachedProjects returns what get says of the projects with a cached token. Asking
// Keystone for all of them would be slow, and could fail.
func (l *line) cachedProjects(get func(gophercloud.AuthScope) string) []string {
	if _, named := l.given["cloud"]; named {
		forgetOwn()
	}
	if setVariables(l.given) != nil {
		return nil
	}
	// A keyring could ask for its password.
	if where := cmp.Or(l.given["cache"], os.Getenv("WEBSSO_CACHE"), cacheFile); where != cacheFile {
		return nil
	}
	opts, _, _, err := clouds.Parse(clouds.WithScope(&gophercloud.AuthScope{}), clouds.WithAuthOptions(func(ao *websso.AuthOptions) {
		if dir, err := cacheDir(cmp.Or(l.given["cache-dir"], os.Getenv("WEBSSO_CACHE_DIR"))); err == nil && dir != "" {
			ao.Cache = websso.NewFileCache(dir)
		}
		if name := l.given["username"]; name != "" {
			ao.Username = name
		}
	}))
	if err != nil {
		return nil
	}
	signIn, err := websso.Status(opts)
	if err != nil {
		return nil
	}
	var found []string
	for _, scope := range signIn.Scopes {
		if text := get(scope); text != "" {
			found = append(found, text)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}
