package cloudconf

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
)

// Name is the name of a key of Keys. In a [Text] it stands for what a user calls the
// setting.
type Name string

// The settings that errors name.
const (
	AuthURL           Name = "auth_url"
	IdentityProvider  Name = "identity_provider"
	Protocol          Name = "protocol"
	Username          Name = "username"
	RedirectHost      Name = "redirect_host"
	RedirectPort      Name = "redirect_port"
	LoginTimeout      Name = "login_timeout"
	ProjectDomainName Name = "project_domain_name"
	CACert            Name = "cacert"
	ClientCert        Name = "cert"
	ClientKey         Name = "key"
)

// Text is a part of a message: strings, other values, and settings, each as a [Name].
type Text []any

// SettingError is a mistake in the settings of a cloud. It calls a setting by its field
// of websso.AuthOptions unless [Named] says what it is called where it was set.
type SettingError struct {
	Problem Text  // what is wrong
	Advice  Text  // what to do
	Err     error // what showed the mistake, or nil

	names Names
}

// Names says what a setting is called and, if that is in a file, where: a name such as
// "auth_url" and a place such as "of cloud acme in clouds.yaml". An empty name stands for
// the field.
type Names func(Name) (name, place string)

// NamesKey is the key of a context with Names, for errors that are made later.
type NamesKey struct{}

// Named returns err with settings called as names says. An error with more words than its
// SettingError has is returned as it is.
func Named(err error, names Names) error {
	var setting *SettingError
	if !errors.As(err, &setting) || err.Error() != setting.Error() {
		return err
	}
	named := *setting
	named.names = names
	return &named
}

// Error says what is wrong and what to do.
func (e *SettingError) Error() string {
	problem, advice := e.Parts()
	return "websso: " + problem + ": " + advice
}

// Unwrap returns what showed the mistake.
func (e *SettingError) Unwrap() error { return e.Err }

// Parts returns what is wrong and what to do. A place that two settings share is named
// once.
func (e *SettingError) Parts() (problem, advice string) {
	before := ""
	called := func(key Name) string {
		name, place := "", ""
		if e.names != nil {
			name, place = e.names(key)
		}
		field, _ := Find(string(key))
		name = cmp.Or(name, field.Field)
		if place != "" && place != before {
			name += " " + place
		}
		before = place
		return name
	}
	compose := func(t Text) string {
		var b strings.Builder
		for _, part := range t {
			if key, ok := part.(Name); ok {
				part = called(key)
			}
			fmt.Fprint(&b, part)
		}
		return b.String()
	}
	problem = compose(e.Problem)
	return problem, compose(e.Advice)
}
