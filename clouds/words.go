package clouds

import (
	"reflect"
	"strings"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/internal/cloudconf"
)

// inOwnWords makes an error of the library name settings as the user has set them: by
// variable, by option, or by key and file. read is what the cloud says, and used is what
// the functions of [WithAuthOptions] made of it: what they have set keeps its field's name.
func (c *cloud) inOwnWords(err error, read, used websso.AuthOptions, o *options) error {
	names := c.names(o)
	return cloudconf.Named(err, func(key cloudconf.Name) (name, place string) {
		before, after := reflect.ValueOf(read), reflect.ValueOf(used)
		field, _, _ := strings.Cut(cloudconf.Fields[key], ".")
		if f := before.FieldByName(field); f.IsValid() && !reflect.DeepEqual(f.Interface(), after.FieldByName(field).Interface()) {
			return "", ""
		}
		return names(key)
	})
}

// names returns what settings are called where they are set, or, if one is not, where it
// can be set.
func (c *cloud) names(o *options) cloudconf.Names {
	return func(name cloudconf.Name) (own, place string) {
		key, ok := cloudconf.Find(string(name))
		if !ok {
			return "", ""
		}
		value, isSet, _ := c.lookup(key, o)
		switch {
		case !isSet && c.isEnv && len(key.Variables) > 0:
			return o.called(key.Variables[0]), ""
		case !isSet:
			return c.where.Key(key.Name).Parts()
		}
		return value.From.Parts()
	}
}
