package clouds

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// maxFile is far larger than any real clouds.yaml, and small enough to read whatever
// file a variable names by mistake.
const maxFile = 1 << 20

// suffixes are those that openstacksdk looks for, in its order. A JSON file is valid
// YAML.
var suffixes = []string{".yaml", ".yml", ".json"}

// searchPath returns the directories in which openstacksdk looks for its files
// (openstack/config/loader.py, CONFIG_SEARCH_PATH). On Windows it leaves out those of the
// whole computer: any user can create \etc\openstack, and C:\ProgramData\OpenStack too if
// it doesn't exist, and would decide where the others' passwords go.
func (o *options) searchPath() []string {
	var dirs []string
	add := func(base string, elem ...string) {
		if base == "" {
			return
		}
		if dir := filepath.Join(append([]string{base}, elem...)...); !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
	}
	home := o.env.Home()
	if cwd, err := os.Getwd(); err == nil {
		add(cwd)
	}
	add(o.env.Get("XDG_CONFIG_HOME"), "openstack")
	switch runtime.GOOS {
	case "windows":
		add(o.env.Get("LOCALAPPDATA"), "OpenStack", "openstack")
	case "darwin":
		add(home, "Library", "Application Support", "openstack")
	}
	if snap := o.env.Get("SNAP_REAL_HOME"); snap != "" {
		home = snap
	}
	add(home, ".config", "openstack")
	switch runtime.GOOS {
	case "windows":
		return dirs
	case "darwin":
		add("/Library/Application Support/openstack")
	default:
		for _, dir := range filepath.SplitList(o.env.Get("XDG_CONFIG_DIRS")) {
			add(dir, "openstack")
		}
		add("/etc/xdg/openstack")
	}
	add("/etc/openstack")
	return dirs
}

// withSuffixes returns the paths in dirs of a file called name, with each suffix.
func withSuffixes(name string, dirs ...string) []string {
	var paths []string
	for _, dir := range dirs {
		for _, suffix := range suffixes {
			paths = append(paths, filepath.Join(dir, name+suffix))
		}
	}
	return paths
}

// openFirst reads the first of paths that it can open. It returns nil if none of them
// exists, or can be seen to exist. Like openstacksdk it skips a file that can't be opened,
// but if there is no other file, that is an error.
func openFirst(paths []string) (*document, error) {
	var denied error
	for _, path := range paths {
		f, err := os.Open(path)
		if err == nil {
			defer f.Close()
			return read(f, path)
		}
		if _, statErr := os.Stat(path); statErr == nil && denied == nil {
			denied = fmt.Errorf("websso: %w", err)
		}
	}
	return nil, denied
}

// read parses the content of r. Messages call it path.
func read(r io.Reader, path string) (*document, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("websso: reading %s: %w", path, err)
	}
	if len(text) > maxFile {
		return nil, fmt.Errorf("websso: %s is larger than %d MiB, so it can't be a list of clouds", path, maxFile>>20)
	}
	return parse(text, path)
}

// readGiven parses the content of a reader that the program has passed.
func readGiven(r io.Reader, path string) (*document, error) {
	d, err := read(r, path)
	if d != nil {
		d.given = true
	}
	return d, err
}

// files are the files that describe the clouds. A file that doesn't exist is nil.
type files struct {
	clouds, secure *document
	looked         []string // the paths at which a clouds.yaml was looked for
}

func (o *options) files() (files, error) {
	var f files
	var err error
	switch {
	case o.cloudsYAML != nil:
		f.clouds, err = readGiven(o.cloudsYAML, "clouds.yaml")
	case o.locations != nil:
		f.looked = o.locations
		f.clouds, err = openFirst(o.locations)
	default:
		if path := o.env.Get("OS_CLIENT_CONFIG_FILE"); path != "" {
			f.looked = append(f.looked, path)
		}
		f.looked = append(f.looked, withSuffixes("clouds", o.searchPath()...)...)
		f.clouds, err = openFirst(f.looked)
	}
	if err != nil {
		return files{}, err
	}
	f.secure, err = o.secure(f.clouds)
	return f, err
}

// secure returns the secure.yaml that belongs to clouds. gophercloud looks for it
// beside the clouds.yaml, openstacksdk in the whole search path.
func (o *options) secure(clouds *document) (*document, error) {
	if o.secureYAML != nil {
		return readGiven(o.secureYAML, "secure.yaml")
	}
	if o.cloudsYAML != nil {
		return nil, nil
	}
	var paths []string
	named := o.env.Get("OS_CLIENT_SECURE_FILE")
	if named != "" {
		paths = append(paths, named)
	}
	if clouds != nil {
		paths = append(paths, withSuffixes("secure", filepath.Dir(clouds.path))...)
	}
	if o.locations == nil {
		paths = append(paths, withSuffixes("secure", o.searchPath()...)...)
	}
	d, err := openFirst(paths)
	if d != nil {
		d.given = d.path == named
	}
	return d, err
}

// public returns the clouds-public.yaml.
func (o *options) public() (*document, error) {
	switch {
	case o.publicYAML != nil:
		return readGiven(o.publicYAML, "clouds-public.yaml")
	case o.publicLocations != nil:
		d, err := openFirst(o.publicLocations)
		if d != nil {
			d.given = true
		}
		return d, err
	}
	return openFirst(withSuffixes("clouds-public", o.searchPath()...))
}

// notFound says where a clouds.yaml was looked for. It is [fs.ErrNotExist].
type notFound struct{ looked []string }

func (e notFound) Error() string {
	return "there is no clouds.yaml; looked for " + strings.Join(e.looked, ", ")
}

func (notFound) Is(target error) bool { return target == fs.ErrNotExist }

func (f files) notFound() error { return notFound{f.looked} }
