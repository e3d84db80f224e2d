package surface

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/gophercloud-websso/websso/packaging/commandline"
)

// Options lists the commands and their options with the variables that stand for them,
// hidden ones too: scripts use those as well.
func Options(c commandline.Command) []string {
	lines := options(c, c.Name)
	slices.Sort(lines)
	return lines
}

func options(c commandline.Command, path string) []string {
	lines := []string{path + " \tcommand"}
	for _, f := range c.Flags {
		value := ""
		if f.TakesValue {
			value = " VALUE"
		}
		for _, name := range f.Spelled() {
			lines = append(lines, path+" "+name+"\toption"+value)
		}
		for _, variable := range f.Variables {
			lines = append(lines, path+" $"+variable+"\tvariable of "+f.Spelled()[0])
		}
	}
	for _, alias := range c.Aliases {
		lines = append(lines, path+" \talias "+alias)
	}
	for _, sub := range c.Commands {
		lines = append(lines, options(sub, path+" "+sub.Name)...)
	}
	return lines
}

// Keys lists the keys of a JSON text, and what kind of value each has. The elements of
// an array are taken together.
func Keys(text []byte) ([]string, error) {
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		return nil, err
	}
	lines := keys(value, "")
	slices.Sort(lines)
	return slices.Compact(lines), nil
}

func keys(value any, path string) []string {
	kind := func(k string) []string { return []string{strings.TrimPrefix(path, ".") + "\t" + k} }
	switch value := value.(type) {
	case map[string]any:
		var lines []string
		for key, element := range value {
			lines = append(lines, keys(element, path+"."+key)...)
		}
		if len(value) == 0 {
			return kind("object")
		}
		return lines
	case []any:
		var lines []string
		for _, element := range value {
			lines = append(lines, keys(element, path+"[]")...)
		}
		if len(value) == 0 {
			return kind("array")
		}
		return lines
	case string:
		return kind("string")
	case float64:
		return kind("number")
	case bool:
		return kind("boolean")
	case nil:
		return kind("null")
	}
	return kind(fmt.Sprintf("%T", value))
}
