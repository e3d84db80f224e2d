package websso

import "errors"

// AuthOptionsFromEnv reads AuthOptions from the OS_* environment variables.
func AuthOptionsFromEnv() (AuthOptions, error) {
	return AuthOptions{}, errors.New("websso: not built yet")
}
