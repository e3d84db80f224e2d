package clouds

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
)

// maxFile is far larger than any clouds.yaml, for a variable that names a wrong file.
const maxFile = 1 << 20

// searchPath returns the directories in which openstacksdk looks for its files
// (openstack/config/loader.py, CONFIG_SEARCH_PATH). On Windows it leaves out those of the
// whole computer: any user can create \etc\openstack, and C:\ProgramData\OpenStack too if
// it doesn't exist, and would decide where the others' passwords go.
func (o *options) searchPath() []string {
	below := func(base string, elem ...string) string {
		if base == "" {
			return ""
		}
		return filepath.Join(append([]string{base}, elem...)...)
	}
	cwd, _ := os.Getwd()
	home := o.env.Home()
	dirs := []string{cwd, below(o.env.Get("XDG_CONFIG_HOME"), "openstack")}
	own := below(cmp.Or(o.env.Get("SNAP_REAL_HOME"), home), ".config", "openstack")
	switch runtime.GOOS {
	case "windows":
		dirs = append(dirs, below(o.env.Get("LOCALAPPDATA"), "OpenStack", "openstack"), own)
	case "darwin":
		dirs = append(dirs, below(home, "Library", "Application Support", "openstack"), own, "/Library/Application Support/openstack", "/etc/openstack")
	default:
		dirs = append(dirs, own)
		for _, dir := range filepath.SplitList(o.env.Get("XDG_CONFIG_DIRS")) {
			dirs = append(dirs, below(dir, "openstack"))
		}
		dirs = append(dirs, "/etc/xdg/openstack", "/etc/openstack")
	}
	var all []string
	for _, dir := range dirs {
		if dir != "" && !slices.Contains(all, dir) {
			all = append(all, dir)
		}
	}
	return all
}

// withSuffixes returns the paths in dirs of a file called name, with the suffixes that
// openstacksdk looks for, in its order. A JSON file is valid YAML.
func withSuffixes(name string, dirs ...string) []string {
	var paths []string
	for _, dir := range dirs {
		for _, suffix := range []string{".yaml", ".yml", ".json"} {
			paths = append(paths, filepath.Join(dir, name+suffix))
		}
	}
	return paths
}

// errIrregular reports a file that was found, not named, and is no regular one. A
// repository can hold a link to a terminal or to a pipe that never ends.
var errIrregular = errors.New("not a regular file, which is read only if a variable such as OS_CLIENT_CONFIG_FILE names it")

// openFirst reads the first of paths that it can open. It returns nil if none of them
// exists, or can be seen to exist. Like openstacksdk it skips a file that can't be opened,
// but if there is no other file, that is an error. The first ones, as many as named says,
// are those that the user or the program has named.
func openFirst(paths []string, named int) (*document, error) {
	var failed error
	for i, path := range paths {
		f, err := open(path, i < named)
		if err == nil {
			defer f.Close()
			return read(f, path)
		}
		if errors.Is(err, errIrregular) {
			return nil, fmt.Errorf("websso: %w", err)
		}
		if _, statErr := os.Lstat(path); statErr == nil && failed == nil {
			failed = fmt.Errorf("websso: %w", err)
		}
	}
	return nil, failed
}

// open opens a file. One that is named may be a pipe, as from <(…) in a shell.
func open(path string, named bool) (*os.File, error) {
	flag := os.O_RDONLY
	if !named {
		flag |= syscall.O_NONBLOCK
	}
	f, err := os.OpenFile(path, flag, 0)
	if target, linkErr := os.Readlink(path); errors.Is(err, fs.ErrNotExist) && linkErr == nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: fmt.Errorf("it is a link to %s, which does not exist", target)}
	}
	if err != nil || named {
		return f, err
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		f.Close()
		return nil, &fs.PathError{Op: "open", Path: path, Err: errIrregular}
	}
	return f, nil
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

// given marks a document that the program or the user has passed, whatever it holds.
func given(d *document, err error) (*document, error) {
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

func (o *options) files() (f files, err error) {
	named := o.env.Get("OS_CLIENT_CONFIG_FILE")
	switch {
	case o.cloudsYAML != nil:
		f.clouds, err = given(read(o.cloudsYAML, "clouds.yaml"))
	case o.locations != nil:
		f.looked = o.locations
		f.clouds, err = openFirst(f.looked, len(f.looked))
	case named != "":
		// openstacksdk would go on to the other files, and to another cloud of that name.
		f.clouds, err = openFirst([]string{named}, 1)
		if f.clouds == nil && err == nil {
			err = &message{"websso: there is no file " + named + ", which " + o.called("OS_CLIENT_CONFIG_FILE") + " names: correct or unset it", fs.ErrNotExist}
		}
	default:
		f.looked = withSuffixes("clouds", o.searchPath()...)
		f.clouds, err = openFirst(f.looked, 0)
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
	switch {
	case o.secureYAML != nil:
		return given(read(o.secureYAML, "secure.yaml"))
	case o.cloudsYAML != nil:
		return nil, nil
	}
	var dirs, named []string
	if path := o.env.Get("OS_CLIENT_SECURE_FILE"); path != "" {
		named = []string{path}
	}
	if clouds != nil {
		dirs = []string{filepath.Dir(clouds.path)}
	}
	if o.locations == nil {
		dirs = append(dirs, o.searchPath()...)
	}
	d, err := openFirst(append(named, withSuffixes("secure", dirs...)...), len(named))
	if d != nil && slices.Contains(named, d.path) {
		d.given = true
	}
	return d, err
}

// public returns the clouds-public.yaml.
func (o *options) public() (*document, error) {
	switch {
	case o.publicYAML != nil:
		return given(read(o.publicYAML, "clouds-public.yaml"))
	case o.publicLocations != nil:
		return given(openFirst(o.publicLocations, len(o.publicLocations)))
	}
	return openFirst(withSuffixes("clouds-public", o.searchPath()...), 0)
}

// notFound says where a clouds.yaml was looked for. It is [fs.ErrNotExist].
func (o *options) notFound(f files) error {
	text := "there is no clouds.yaml; looked for " + strings.Join(f.looked, ", ")
	if o.env.Home() == "" {
		text += ", but not in your home directory, because HOME is not set"
	}
	return &message{text, fs.ErrNotExist}
}
