package clouds

import (
	"errors"
	"maps"
	"slices"
)

// Names lists the clouds that there are in the files, of whatever auth_type, in
// alphabetical order. Of the options, those about files count. What is wrong with one
// cloud shows when it is parsed.
func Names(opts ...ParseOption) ([]string, error) {
	f, err := newOptions(opts).files()
	if err != nil {
		return nil, err
	}
	if f.clouds == nil && f.secure == nil {
		return nil, errors.New("websso: " + f.notFound())
	}
	entries, err := f.entries()
	if err != nil {
		return nil, err
	}
	return slices.Sorted(maps.Keys(entries)), nil
}
