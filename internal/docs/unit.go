package docs

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
)

// unit is a block of Go code made into a file that can be compiled.
type unit struct {
	block   Block
	form    form
	imports map[string]bool // the paths
	vars    []string        // what is given: "ctx context.Context"
}

// form is what has to stand around the code.
type form struct {
	file       bool   // nothing: the code is a whole file
	statements bool   // a func
	result     string // which returns this
}

func newUnit(block Block) (*unit, error) {
	u := &unit{block: block, imports: map[string]bool{}}
	given, err := parseGiven(block)
	if err != nil {
		return nil, err
	}
	file, err := u.fit()
	if err != nil {
		return nil, err
	}
	for _, spec := range file.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		u.imports[path] = true
	}
	if u.form.file {
		return u, nil
	}
	for _, used := range file.Unresolved {
		typ, ok := given[used.Name]
		if !ok {
			typ, ok = takenForGranted[used.Name]
		}
		switch path, isPackage := packagePaths[used.Name]; {
		case ok:
			u.give(used.Name + " " + typ)
		case isPackage:
			u.imports[path] = true
		}
	}
	return u, nil
}

// parseGiven reads the comment before a block.
func parseGiven(block Block) (map[string]string, error) {
	given := map[string]string{}
	if block.Given == "" {
		return given, nil
	}
	for entry := range strings.SplitSeq(block.Given, ";") {
		name, typ, ok := strings.Cut(strings.TrimSpace(entry), " ")
		if !ok || !token.IsIdentifier(name) {
			return nil, fmt.Errorf("%s:%d: given: %q is not NAME TYPE", block.File, block.Line, entry)
		}
		given[name] = typ
	}
	return given, nil
}

// fit finds the form of the code.
func (u *unit) fit() (*ast.File, error) {
	if strings.HasPrefix(u.block.Text, "package ") {
		u.form = form{file: true}
		return u.parse(token.NewFileSet())
	}
	file, asDeclarations := u.parse(token.NewFileSet())
	if asDeclarations == nil {
		return file, nil
	}
	u.form = form{statements: true}
	file, asStatements := u.parse(token.NewFileSet())
	if asStatements != nil {
		return nil, furthest(asDeclarations, asStatements)
	}
	if returnsValue(file) {
		u.form.result = "error"
	}
	return file, nil
}

// parse parses the code with what stands around it. Positions are those in the documentation.
func (u *unit) parse(fset *token.FileSet) (*ast.File, error) {
	return parser.ParseFile(fset, "", u.source(), 0)
}

func (u *unit) source() string {
	var s strings.Builder
	if !u.form.file {
		s.WriteString("package p\n")
		for path := range u.imports {
			fmt.Fprintf(&s, "import %q\n", path)
		}
		for _, given := range u.vars {
			fmt.Fprintf(&s, "var %s\n", given)
		}
		if u.form.statements {
			fmt.Fprintf(&s, "func _() %s {\n", u.form.result)
		}
	}
	fmt.Fprintf(&s, "//line %s:%d\n%s", u.block.File, u.block.Line, u.block.Text)
	if u.form.statements {
		if u.form.result != "" {
			s.WriteString("panic(nil)\n")
		}
		s.WriteString("}\n")
	}
	return s.String()
}

// returnsValue reports whether the func that statements were put into returns anything.
func returnsValue(file *ast.File) bool {
	found := false
	ast.Inspect(file, func(node ast.Node) bool {
		if r, ok := node.(*ast.ReturnStmt); ok && len(r.Results) > 0 {
			found = true
		}
		_, closure := node.(*ast.FuncLit)
		return !closure
	})
	return found
}

// give declares a variable, and imports what its type is of.
func (u *unit) give(variable string) {
	if slices.Contains(u.vars, variable) {
		return
	}
	u.vars = append(u.vars, variable)
	for name, path := range packagePaths {
		if strings.Contains(variable, name+".") {
			u.imports[path] = true
		}
	}
}

// module returns the folder of the module that has all that the unit imports.
func (u *unit) module() string {
	for path := range u.imports {
		if module, ok := nested[path]; ok {
			return module
		}
	}
	return "."
}
