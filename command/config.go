package command

import "github.com/gophercloud-websso/websso/clouds"

// Config says how a program has the command. Its zero value is the command websso.
type Config struct {
	// Name is the name of the command that New returns, "websso" if empty. Messages and
	// examples call the program by the name of its root command, wherever that is.
	// With a name the options have no one-letter forms, which the program may use itself.
	Name string

	// Version is what --version and the version command print. If empty, it is the
	// version of the running program's main module.
	Version string

	// CloudsYAML is a clouds.yaml to use. If it is nil, the user's is searched for.
	CloudsYAML []byte

	// Cloud is the cloud to use if neither an option nor a variable names or describes
	// another one.
	Cloud string

	// Options returns further options for reading the cloud, such as clouds.WithRegion. It
	// is called for each reading, maybe at the same time. The commands make clients of their
	// own, so clouds.WithClient has no effect.
	Options func() []clouds.ParseOption

	// Browser is what opens an address, in the form of $BROWSER, unless --browser or
	// WEBSSO_BROWSER says something else. If empty, it is the user's browser.
	Browser string

	// OmitFlags are long names of options that the commands leave to the program. If the
	// program has a persistent flag of that name, they use its value.
	OmitFlags []string
}
