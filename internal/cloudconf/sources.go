package cloudconf

// Sources says where the settings of a cloud come from.
type Sources struct {
	Cloud    string   // its name in the files; "" if variables describe it, or if none is chosen
	Files    []string // that are read
	Others   []string // that have a cloud of that name, and are not read
	Settings []Setting
	Unknown  []Unknown
	Profile  string // that the cloud names and no clouds-public.yaml has
	Names    Names  // what settings are called where they are set; nil if there is no such cloud

	Clouds, Secure []byte // the text of the clouds.yaml and the secure.yaml that are used
}

// Setting is a setting of the cloud, and those that it hides.
type Setting struct {
	Key    string
	Value  Value
	Hidden []Value
}

// Unknown is a key of the cloud that means nothing to a sign-in. Many of them are for
// other programs. A key, or a cloud, that is given again below means nothing either.
type Unknown struct {
	Key   string
	From  Origin
	Line  int  // of the file; 0 if it is not known
	Known bool // it means something in the other place, beside auth or below
	Twice bool // it is given again below
}
