package cloudconf

import "slices"

// Sources says where the settings of a cloud come from.
type Sources struct {
	Cloud    string // its name in the files; "" if variables describe it, or if none is chosen
	Files    []File // that there are, in the order in which they are looked for
	Settings []Setting
	Unknown  []Unknown
	Names    Names // what settings are called where they are set; nil if there is no such cloud
}

// The kinds of files.
const (
	FileClouds = "clouds"
	FileSecure = "secure"
	FilePublic = "clouds-public"
)

// File is a file that describes clouds.
type File struct {
	Path   string
	Kind   string
	Used   bool     // it is the first of its kind that can be opened
	Clouds []string // their names, if it can be read
	Err    error    // why it can't be opened
}

// Setting is a setting of the cloud, and those that it hides.
type Setting struct {
	Key    string
	Value  Value
	Hidden []Value
}

// Hides reports whether the setting hides the one at from.
func (s Setting) Hides(from Origin) bool {
	return slices.ContainsFunc(s.Hidden, func(v Value) bool { return v.From == from })
}

// Unknown is a key of the cloud that means nothing to a sign-in. Many of them are for
// other programs.
type Unknown struct {
	Key   string
	From  Origin
	Line  int  // of the file; 0 if it is not known
	Auth  bool // it is below auth
	Known bool // it means something in the other place, beside auth or below
}
