// Package api lists what packages export, and finds the changes since a release that are not announced. It is for tests.
package api

import (
	"errors"
	"flag"
	"fmt"
	"go/types"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/seed-a6e4e5a4/imbot/internal/docs"
	"github.com/seed-a6e4e5a4/imbot/internal/version"
)

// List lists what packages of a module export, in the form of Go's own api/*.txt: a line for each constant, variable,
// func, type, field and method. The module is named by its folder.
func List(module string, paths ...string) ([]string, error) {
	packages, err := docs.Load(module, paths)
	if err != nil {
		return nil, err
	}
	var lines []string
	for _, importPath := range paths {
		pkg, err := packages.Import(importPath)
		if err != nil {
			return nil, err
		}
		for _, name := range pkg.Scope().Names() {
			if object := pkg.Scope().Lookup(name); object.Exported() {
				for _, feature := range featuresOf(object) {
					lines = append(lines, "pkg "+pkg.Name()+", "+feature)
				}
			}
		}
	}
	return lines, nil
}

func featuresOf(object types.Object) []string {
	switch object := object.(type) {
	case *types.Const:
		return []string{fmt.Sprintf("const %s %s = %s", object.Name(), text(object.Type()), object.Val().ExactString())}
	case *types.Var:
		return []string{"var " + object.Name() + " " + text(object.Type())}
	case *types.Func:
		return []string{"func " + object.Name() + signature(object.Signature())}
	case *types.TypeName:
		if object.IsAlias() {
			return []string{"type " + object.Name() + " = " + text(types.Unalias(object.Type()))}
		}
		return featuresOfType(object.Name(), object.Type())
	default:
		return nil
	}
}

func featuresOfType(name string, typ types.Type) []string {
	head := "type " + name
	if named, ok := typ.(*types.Named); ok {
		head += typeParams(named.TypeParams())
	}
	var features []string
	switch underlying := typ.Underlying().(type) {
	case *types.Struct:
		features = append(features, head+" struct")
		for field := range underlying.Fields() {
			if field.Exported() {
				features = append(features, "type "+name+" struct, "+field.Name()+" "+text(field.Type()))
			}
		}
	case *types.Interface:
		var names []string
		for method := range underlying.Methods() {
			names = append(names, method.Name())
			features = append(features, "type "+name+" interface, "+method.Name()+signature(method.Signature()))
		}
		return append(features, head+" interface { "+strings.Join(names, ", ")+" }")
	default:
		features = append(features, head+" "+text(underlying))
	}
	onValue := types.NewMethodSet(typ)
	for selection := range types.NewMethodSet(types.NewPointer(typ)).Methods() {
		method, ok := selection.Obj().(*types.Func)
		if !ok || !method.Exported() {
			continue
		}
		receiver := name
		if onValue.Lookup(method.Pkg(), method.Name()) == nil {
			receiver = "*" + receiver
		}
		features = append(features, "method ("+receiver+") "+method.Name()+signature(method.Signature()))
	}
	return features
}

// unexported matches the names of types that no importer can write.
var unexported = regexp.MustCompile(`\b([a-z]\w*)\.[a-z]\w*`)

// text writes a type, without the names of parameters.
func text(typ types.Type) string {
	switch typ := typ.(type) {
	case *types.Pointer:
		return "*" + text(typ.Elem())
	case *types.Slice:
		return "[]" + text(typ.Elem())
	case *types.Map:
		return "map[" + text(typ.Key()) + "]" + text(typ.Elem())
	case *types.Signature:
		return "func" + signature(typ)
	default:
		return unexported.ReplaceAllString(types.TypeString(typ, (*types.Package).Name), "$1.unexported")
	}
}

func signature(sig *types.Signature) string {
	params := tuple(sig.Params())
	if sig.Variadic() {
		last := len(params) - 1
		params[last] = "..." + strings.TrimPrefix(params[last], "[]")
	}
	s := typeParams(sig.TypeParams()) + "(" + strings.Join(params, ", ") + ")"
	switch results := tuple(sig.Results()); len(results) {
	case 0:
		return s
	case 1:
		return s + " " + results[0]
	default:
		return s + " (" + strings.Join(results, ", ") + ")"
	}
}

func tuple(vars *types.Tuple) []string {
	var all []string
	for v := range vars.Variables() {
		all = append(all, text(v.Type()))
	}
	return all
}

func typeParams(list *types.TypeParamList) string {
	var all []string
	for param := range list.TypeParams() {
		all = append(all, param.Obj().Name()+" "+text(param.Constraint()))
	}
	if all == nil {
		return ""
	}
	return "[" + strings.Join(all, ", ") + "]"
}

var update = flag.Bool("update", false, "list what is exported now as that of the version in internal/version")

// Test is the test of a module that what the last release exports is there, unchanged, or CHANGELOG.md says what became
// of it. The module is named by its folder below root. With the flag -update it first makes the list of the release that
// is to come.
func Test(t testing.TB, root, module string, paths ...string) {
	t.Helper()
	if *update {
		if err := Update(root, module, paths...); err != nil {
			t.Fatal(err)
		}
	}
	changes, err := Unannounced(root, module, paths...)
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range changes {
		t.Errorf("removed or changed: name it in CHANGELOG.md, in a line that starts with **Breaking:**: %s", change)
	}
}

// Unannounced compares what packages of a module export with the last release, whose listing is api/VERSION.txt below
// root. It returns the lines that were removed or changed without being announced: in CHANGELOG.md, in a paragraph of
// the first section that starts with **Breaking:** and has the name between backquotes, such as `Client.With`. The name
// of a type stands for its fields and methods, too. Outside of the root package it has that of its package before it.
func Unannounced(root, module string, paths ...string) ([]string, error) {
	released, _, err := listing(root, paths)
	if err != nil {
		return nil, err
	}
	now, err := List(path.Join(root, module), paths...)
	if err != nil {
		return nil, err
	}
	changelog, err := os.ReadFile(path.Join(root, "CHANGELOG.md"))
	if err != nil {
		return nil, err
	}
	return unannounced(released, now, string(changelog)), nil
}

// Update lists what packages of a module export in the file of the version that is to be released.
func Update(root, module string, paths ...string) error {
	_, others, err := listing(root, paths)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	now, err := List(path.Join(root, module), paths...)
	if err != nil {
		return err
	}
	lines := slices.Sorted(slices.Values(slices.Concat(others, now)))
	return os.WriteFile(file(root), []byte(strings.Join(lines, "\n")+"\n"), 0o644) //nolint:gosec // it is for everybody
}

func file(root string) string { return path.Join(root, "api", version.Version+".txt") }

// listing returns the lines that a listing has for packages, and the others.
func listing(root string, paths []string) (ours, others []string, err error) {
	content, err := os.ReadFile(file(root))
	for line := range strings.Lines(string(content)) {
		line = strings.TrimSuffix(line, "\n")
		isOurs := slices.ContainsFunc(paths, func(p string) bool { return strings.HasPrefix(line, "pkg "+path.Base(p)+", ") })
		if isOurs {
			ours = append(ours, line)
		} else {
			others = append(others, line)
		}
	}
	return ours, others, err
}

var (
	// subject matches what a line is about: a name, or those of a type and of its field or method.
	subject = regexp.MustCompile(`^pkg (\w+), (?:(?:const|var|func|type) (\w+)(?: (?:struct|interface), (\w+))?|method \(\*?(\w+)\) (\w+))`)
	// breaking matches a paragraph, or an item of a list.
	breaking = regexp.MustCompile(`(?m)^([-*] )?\*\*Breaking:\*\*.*(\n *[^-*#\s].*)*`)
)

func unannounced(released, now []string, changelog string) []string {
	_, changelog, _ = strings.Cut(changelog, "\n## ")
	changelog, _, _ = strings.Cut(changelog, "\n## ")
	announced := strings.Join(breaking.FindAllString(changelog, -1), "\n")
	return slices.DeleteFunc(slices.Clone(released), func(line string) bool {
		if slices.Contains(now, line) {
			return true
		}
		match := subject.FindStringSubmatch(line)
		if match == nil {
			return false
		}
		name, member := match[2]+match[4], match[3]+match[5]
		if match[1] != "imbot" {
			name = match[1] + "." + name
		}
		return strings.Contains(announced, "`"+name+"`") || member != "" && strings.Contains(announced, "`"+name+"."+member+"`")
	})
}
