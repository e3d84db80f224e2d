package surface

import (
	"context"
	"errors"
	"fmt"
	"go/constant"
	"go/types"
	"os"
	"slices"
	"strings"

	"golang.org/x/exp/apidiff"
	"golang.org/x/tools/go/packages"
)

// Packages loads the packages of the work tree at dir that others may import.
func Packages(ctx context.Context, dir string) (map[string]*types.Package, error) {
	found, err := packages.Load(&packages.Config{
		Context: ctx,
		Mode:    packages.NeedName | packages.NeedTypes | packages.NeedImports | packages.NeedDeps | packages.NeedExportFile,
		Dir:     dir,
		Env:     append(os.Environ(), "GOWORK=off"),
	}, "./...")
	if err != nil {
		return nil, err
	}
	public := map[string]*types.Package{}
	for _, p := range found {
		for _, e := range p.Errors {
			err = errors.Join(err, e)
		}
		if p.Name != "main" && !strings.Contains(p.PkgPath+"/", "/internal/") {
			public[p.PkgPath] = p.Types
		}
	}
	if err == nil && len(public) == 0 {
		err = fmt.Errorf("no packages in %s", dir)
	}
	return public, err
}

// API lists the exported names of packages, a line for each constant, variable,
// function, type, field and method. Methods that others may implement are on the line
// of their interface, because one more breaks those implementations.
func API(public map[string]*types.Package) []string {
	var lines []string
	for _, p := range public {
		for _, name := range p.Scope().Names() {
			object := p.Scope().Lookup(name)
			if object.Exported() {
				lines = append(lines, describe(p, object)...)
			}
		}
	}
	slices.Sort(lines)
	return lines
}

// unnamed leaves the names of parameters out of a type: callers don't see them.
func unnamed(t types.Type) types.Type {
	switch t := t.(type) {
	case *types.Signature:
		if t.TypeParams().Len() > 0 {
			return t
		}
		return types.NewSignatureType(nil, nil, nil, unnamedTuple(t.Params()), unnamedTuple(t.Results()), t.Variadic())
	case *types.Interface:
		var methods []*types.Func
		for method := range t.ExplicitMethods() {
			methods = append(methods, types.NewFunc(method.Pos(), method.Pkg(), method.Name(), unnamed(method.Type()).(*types.Signature)))
		}
		var embedded []types.Type
		for e := range t.EmbeddedTypes() {
			embedded = append(embedded, e)
		}
		return types.NewInterfaceType(methods, embedded).Complete()
	}
	return t
}

func unnamedTuple(t *types.Tuple) *types.Tuple {
	var variables []*types.Var
	for v := range t.Variables() {
		variables = append(variables, types.NewParam(v.Pos(), v.Pkg(), "", unnamed(v.Type())))
	}
	return types.NewTuple(variables...)
}

// qualified names a package by its last element, as its users do.
func qualified(p *types.Package) string { return p.Name() }

func describe(p *types.Package, object types.Object) []string {
	name := p.Name() + "." + object.Name()
	line := func(name, format string, arguments ...any) string {
		return name + "\t" + fmt.Sprintf(format, arguments...)
	}
	typeOf := func(t types.Type) string { return types.TypeString(unnamed(t), qualified) }
	switch object := object.(type) {
	case *types.Const:
		value := object.Val()
		if value.Kind() == constant.String {
			return []string{line(name, "const %s = %s", typeOf(object.Type()), value.ExactString())}
		}
		return []string{line(name, "const %s = %s", typeOf(object.Type()), value)}
	case *types.Var:
		return []string{line(name, "var %s", typeOf(object.Type()))}
	case *types.Func:
		return []string{line(name, "%s", typeOf(object.Type()))}
	case *types.TypeName:
		if object.IsAlias() {
			return []string{line(name, "type = %s", typeOf(types.Unalias(object.Type())))}
		}
		return describeType(name, object.Type().(*types.Named), line, typeOf)
	}
	return []string{line(name, "%T", object)}
}

func describeType(name string, named *types.Named, line func(string, string, ...any) string, typeOf func(types.Type) string) []string {
	var lines []string
	switch under := named.Underlying().(type) {
	case *types.Struct:
		kind := "struct"
		if types.Comparable(under) {
			kind = "struct, comparable"
		}
		lines = append(lines, line(name, "type %s", kind))
		for field := range under.Fields() {
			if field.Exported() {
				lines = append(lines, line(name+"."+field.Name(), "field %s", typeOf(field.Type())))
			}
		}
	default:
		lines = append(lines, line(name, "type %s", typeOf(under)))
	}
	if types.IsInterface(named) {
		return lines
	}
	methods := types.NewMethodSet(types.NewPointer(named))
	values := types.NewMethodSet(named)
	for selection := range methods.Methods() {
		method := selection.Obj()
		if !method.Exported() {
			continue
		}
		receiver := "pointer"
		if values.Lookup(method.Pkg(), method.Name()) != nil {
			receiver = "value"
		}
		lines = append(lines, line(name+"."+method.Name(), "method of the %s, %s", receiver, strings.TrimPrefix(typeOf(method.Type()), "func")))
	}
	return lines
}

// Incompatible returns the changes from before to after after which a program that used
// the former no longer compiles, each as the name that an announcement has to have, a
// tab, and what happened.
func Incompatible(before, after map[string]*types.Package) []string {
	var changes []string
	for path, old := range before {
		now, ok := after[path]
		if !ok {
			changes = append(changes, old.Name()+"\tpackage removed")
			continue
		}
		for _, change := range apidiff.Changes(old, now).Changes {
			if change.Compatible {
				continue
			}
			// apidiff writes "(*FileCache).Get: changed from …".
			what, _, _ := strings.Cut(change.Message, ":")
			what = strings.NewReplacer("(*", "", ")", "", "(", "").Replace(what)
			changes = append(changes, old.Name()+"."+what+"\t"+change.Message)
		}
	}
	slices.Sort(changes)
	return changes
}
