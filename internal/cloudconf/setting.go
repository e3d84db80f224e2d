package cloudconf

import (
	"slices"
	"strings"
)

// SettingError is a mistake in the settings of a cloud. It calls a setting by its field
// of websso.AuthOptions until Rename says what it is called where it was set.
type SettingError struct {
	// Text says what is wrong and what to do. Each {key}, with a key of Keys, stands
	// for the name of a setting.
	Text string

	// Err is what showed the mistake, or nil.
	Err error

	names map[string]string
}

// fields are the names of settings in Go.
var fields = map[string]string{
	"auth_url":            "IdentityEndpoint",
	"identity_provider":   "IdentityProvider",
	"protocol":            "Protocol",
	"username":            "Username",
	"redirect_host":       "RedirectHost",
	"redirect_port":       "RedirectPort",
	"login_timeout":       "Timeout",
	"project_name":        "Scope.ProjectName",
	"project_domain_name": "Scope.DomainName",
	"cacert":              "the RootCAs of the client's TLS settings",
}

// Rename makes the error call a setting by another name.
func (e *SettingError) Rename(key, name string) {
	if e.names == nil {
		e.names = make(map[string]string)
	}
	e.names[key] = name
}

// Keys returns the settings that the error names.
func (e *SettingError) Keys() []string {
	var keys []string
	for key := range fields {
		if strings.Contains(e.Text, "{"+key+"}") {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// Error says what is wrong, with each setting under its name.
func (e *SettingError) Error() string {
	text := e.Text
	for _, key := range e.Keys() {
		name := fields[key]
		if other, ok := e.names[key]; ok {
			name = other
		}
		text = strings.ReplaceAll(text, "{"+key+"}", name)
	}
	return text
}

// Unwrap returns what showed the mistake.
func (e *SettingError) Unwrap() error { return e.Err }
