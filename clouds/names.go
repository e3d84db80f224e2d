package clouds

import (
	"fmt"
	"maps"
	"slices"
)

// Names returns the names of all clouds in the files, whatever their auth_type, in
// alphabetical order. Only the options about files count. A mistake in one cloud is
// not reported until that cloud is parsed. If there is no file, the error is
// [io/fs.ErrNotExist].
func Names(opts ...ParseOption) ([]string, error) {
	o := newOptions(opts)
	f, err := o.files()
	if err == nil && f.clouds == nil && f.secure == nil {
		err = fmt.Errorf("websso: %w", o.notFound(f))
	}
	if err != nil {
		return nil, shown(err)
	}
	entries, err := f.entries()
	if err != nil {
		return nil, shown(err)
	}
	return slices.Sorted(maps.Keys(entries)), nil
}
