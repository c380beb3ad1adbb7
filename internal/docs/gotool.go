package docs

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

func (s shell) checkGo(args []string) error {
	if len(args) == 0 {
		return errors.New("go and nothing else")
	}
	sub, rest := args[0], args[1:]
	if len(rest) > 1 && rest[0] == "-C" {
		s.dir, rest = filepath.Join(s.dir, rest[1]), rest[2:]
	}
	switch sub {
	case "get":
		return s.checkModules(rest)
	case "run":
		return s.checkRun(rest)
	case "test":
		return s.checkTest(rest)
	case "build", "vet", "generate", "doc", "install":
		return s.checkPackages(rest)
	case "mod", "tool", "version", "env":
		return nil
	default:
		return fmt.Errorf("go %s is no command that the documentation may use", sub)
	}
}

// checkModules checks that what is to be got is a module of this repository.
func (s shell) checkModules(paths []string) error {
	for _, path := range paths {
		path, _, _ = strings.Cut(path, "@")
		dir, ok := strings.CutPrefix(path, modulePath)
		text, err := os.ReadFile(filepath.Join(s.root, dir, "go.mod"))
		if !ok || err != nil || !strings.HasPrefix(string(text), "module "+path+"\n") {
			return fmt.Errorf("%s is no module of this repository", path)
		}
	}
	return nil
}

// checkRun checks go run PACKAGE FLAGS.
func (s shell) checkRun(args []string) error {
	if len(args) == 0 {
		return errors.New("go run what?")
	}
	if path, ok := strings.CutPrefix(args[0], modulePath); ok {
		path, _, _ = strings.Cut(path, "@")
		s.dir, args = s.root, slices.Concat([]string{"." + path}, args[1:])
	}
	sources, err := parseDir(filepath.Join(s.dir, args[0]), false)
	if err != nil {
		return err
	}
	if len(sources) == 0 || sources[0].Name.Name != "main" {
		return fmt.Errorf("%s is no program", args[0])
	}
	return haveFlags(sources, args[1:])
}

// checkTest checks go test FLAGS PACKAGES FLAGS.
func (s shell) checkTest(args []string) error {
	packages, tests, flags := []string{}, "", []string{}
	for i, arg := range args {
		name, value, _ := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		switch {
		case i > 0 && args[i-1] == "-run":
		case name == "run" && i+1 < len(args) && value == "":
			tests = args[i+1]
		case name == "run":
			tests = value
		case strings.HasPrefix(arg, "-") && !slices.Contains(testFlags, name):
			flags = append(flags, arg)
		case !strings.HasPrefix(arg, "-"):
			packages = append(packages, arg)
		}
	}
	if err := s.checkPackages(packages); err != nil || tests == "" && len(flags) == 0 {
		return err
	}
	if len(packages) == 0 {
		packages = []string{"."}
	}
	for _, path := range packages {
		sources, err := parseDir(filepath.Join(s.dir, strings.TrimSuffix(path, "...")), true)
		if err != nil {
			return err
		}
		if err := errors.Join(haveTest(sources, tests), haveFlags(sources, flags)); err != nil {
			return err
		}
	}
	return nil
}

// testFlags are those of go test itself that the documentation may use.
var testFlags = []string{"v", "race", "short", "count", "shuffle", "bench", "benchmem", "fuzz", "fuzztime", "cover", "tags", "overlay"}

func (s shell) checkPackages(args []string) error {
	for _, arg := range args {
		if !strings.HasPrefix(arg, "-") && !isDir(filepath.Join(s.dir, strings.TrimSuffix(arg, "..."))) {
			return fmt.Errorf("there is no package %s", arg)
		}
	}
	return nil
}

// parseDir parses the Go files of a folder, with those of tests or without.
func parseDir(dir string, tests bool) ([]*ast.File, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	var files []*ast.File
	for _, name := range names {
		if !tests && strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	return files, nil
}

func haveTest(files []*ast.File, pattern string) error {
	runs, err := regexp.Compile(pattern)
	if err != nil {
		return err
	}
	for _, file := range files {
		for _, decl := range file.Decls {
			if d, ok := decl.(*ast.FuncDecl); ok && strings.HasPrefix(d.Name.Name, "Test") && runs.MatchString(d.Name.Name) {
				return nil
			}
		}
	}
	if pattern == "" {
		return nil
	}
	return fmt.Errorf("-run %s finds no test", pattern)
}

// haveFlags checks that a program knows the flags of a command line.
func haveFlags(files []*ast.File, args []string) error {
	known := map[string]bool{"h": true, "help": true}
	for _, file := range files {
		ast.Inspect(file, func(node ast.Node) bool {
			switch n := node.(type) {
			case *ast.CallExpr: // flags.Bool("refusals", …), flags.BoolVar(&s.refusals, "refusals", …)
				for _, arg := range n.Args[:min(2, len(n.Args))] {
					if lit, ok := arg.(*ast.BasicLit); ok && lit.Kind == token.STRING {
						name, _ := strconv.Unquote(lit.Value)
						known[name] = true
					}
				}
			case *ast.Field:
				knownByTag(known, n)
			}
			return true
		})
	}
	for _, arg := range args {
		if arg == "-" || !strings.HasPrefix(arg, "-") {
			continue
		}
		name, _, _ := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		if !known[name] {
			return fmt.Errorf("%s is no flag of it", arg)
		}
	}
	return nil
}

var hump = regexp.MustCompile(`([a-z0-9])([A-Z])`)

// knownByTag adds the flag that a field of a struct stands for, where its tag says what the flag is for.
func knownByTag(known map[string]bool, field *ast.Field) {
	if field.Tag == nil {
		return
	}
	text, _ := strconv.Unquote(field.Tag.Value)
	tag := reflect.StructTag(text)
	if _, ok := tag.Lookup("help"); !ok {
		return
	}
	for _, name := range field.Names {
		known[strings.ToLower(hump.ReplaceAllString(name.Name, "${1}-${2}"))] = true
	}
	known[tag.Get("name")] = true
	known[tag.Get("short")] = true
}
