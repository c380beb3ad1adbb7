package docs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
)

// Errors lists the errors that a package exports: the variables and constants whose names begin with Err, and the types
// whose names end with Error. The value is the text of a constant, and empty for all others.
func Errors(folder string) (map[string]string, error) {
	paths, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		return nil, err
	}
	found := make(map[string]string)
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		for _, decl := range file.Decls {
			if general, ok := decl.(*ast.GenDecl); ok {
				for _, spec := range general.Specs {
					noteErrors(spec, general.Tok, found)
				}
			}
		}
	}
	return found, nil
}

// noteErrors notes the errors that a part of a declaration exports.
func noteErrors(spec ast.Spec, tok token.Token, found map[string]string) {
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		if spec.Name.IsExported() && strings.HasSuffix(spec.Name.Name, "Error") {
			found[spec.Name.Name] = ""
		}
	case *ast.ValueSpec:
		for i, name := range spec.Names {
			if !strings.HasPrefix(name.Name, "Err") {
				continue
			}
			found[name.Name] = ""
			if tok == token.CONST && i < len(spec.Values) {
				if literal, ok := spec.Values[i].(*ast.BasicLit); ok && literal.Kind == token.STRING {
					found[name.Name], _ = strconv.Unquote(literal.Value)
				}
			}
		}
	}
}
