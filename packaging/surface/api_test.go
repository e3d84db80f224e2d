package surface_test

import (
	"go/types"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

// kept returns the names of package webssotest that its documentation promises to keep,
// the links of its section "What stays".
func kept(t *testing.T) []string {
	t.Helper()
	doc, err := os.ReadFile(filepath.Join(root, "webssotest", "doc.go"))
	must(t, err)
	_, section, _ := strings.Cut(string(doc), "# What stays")
	var names []string
	for _, match := range regexp.MustCompile(`\[([\w.]+)\]`).FindAllStringSubmatch(section, -1) {
		names = append(names, "webssotest."+match[1])
	}
	return slices.DeleteFunc(names, func(name string) bool { return name == "webssotest.Quirks" })
}

// TestAPI compares the exported names that are promised with the list of them: of the
// test double those that its documentation names, of the other packages all.
func TestAPI(t *testing.T) {
	t.Parallel()
	loaded, err := packages.Load(&packages.Config{
		Context: t.Context(), Dir: root,
		Mode: packages.NeedName | packages.NeedTypes | packages.NeedImports | packages.NeedDeps | packages.NeedExportFile,
	}, "./...")
	must(t, err)
	var lines []string
	for _, p := range loaded {
		if len(p.Errors) > 0 {
			t.Fatal(p.Errors)
		}
		if p.Name == "main" || strings.Contains(p.PkgPath+"/", "/internal/") {
			continue
		}
		for _, name := range p.Types.Scope().Names() {
			if object := p.Types.Scope().Lookup(name); object.Exported() {
				lines = append(lines, describe(p.Name+"."+name, object)...)
			}
		}
	}
	names := kept(t)
	lines = slices.DeleteFunc(lines, func(line string) bool {
		name, _, _ := strings.Cut(line, "\t")
		return strings.HasPrefix(name, "webssotest.") && !slices.Contains(names, name)
	})
	slices.Sort(lines)
	promised(t, "api.txt", lines)
	if len(lines) > 150 {
		t.Errorf("got %d names that are promised, want at most 150", len(lines))
	}
}

// describe returns a line for an exported name and, if it is a type, one for each of its
// fields and methods. The methods of an interface are on its own line, because one more
// breaks those who implement it.
func describe(name string, object types.Object) []string {
	switch object := object.(type) {
	case *types.Const:
		return []string{name + "\tconst " + text(object.Type()) + " = " + object.Val().ExactString()}
	case *types.Var:
		return []string{name + "\tvar " + text(object.Type())}
	case *types.Func:
		return []string{name + "\t" + text(object.Type())}
	}
	under := object.Type().Underlying()
	structure, ok := under.(*types.Struct)
	if !ok {
		return append(methods(name, object.Type()), name+"\ttype "+text(under))
	}
	lines := []string{name + "\ttype struct"}
	if types.Comparable(structure) {
		lines[0] += ", comparable"
	}
	for field := range structure.Fields() {
		if field.Exported() {
			lines = append(lines, name+"."+field.Name()+"\tfield "+text(field.Type()))
		}
	}
	return append(lines, methods(name, object.Type())...)
}

func methods(name string, t types.Type) []string {
	if types.IsInterface(t) {
		return nil
	}
	values := types.NewMethodSet(t)
	var lines []string
	for selection := range types.NewMethodSet(types.NewPointer(t)).Methods() {
		method := selection.Obj()
		if !method.Exported() {
			continue
		}
		receiver := "pointer"
		if values.Lookup(method.Pkg(), method.Name()) != nil {
			receiver = "value"
		}
		lines = append(lines, name+"."+method.Name()+"\tmethod of the "+receiver+", "+strings.TrimPrefix(text(method.Type()), "func"))
	}
	return lines
}

// text is a type as its users write it, without the names of parameters, which they
// don't see.
func text(t types.Type) string {
	if t, ok := t.(*types.Interface); ok {
		var methods []string
		for method := range t.Methods() {
			methods = append(methods, method.Name()+strings.TrimPrefix(text(method.Type()), "func"))
		}
		return "interface{" + strings.Join(methods, "; ") + "}"
	}
	return types.TypeString(unnamed(t), (*types.Package).Name)
}

func unnamed(t types.Type) types.Type {
	switch t := t.(type) {
	case *types.Signature:
		return types.NewSignatureType(nil, nil, nil, unnamed(t.Params()).(*types.Tuple), unnamed(t.Results()).(*types.Tuple), t.Variadic())
	case *types.Tuple:
		var variables []*types.Var
		for v := range t.Variables() {
			variables = append(variables, types.NewParam(v.Pos(), v.Pkg(), "", unnamed(v.Type())))
		}
		return types.NewTuple(variables...)
	}
	return t
}
