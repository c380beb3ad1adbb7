package docs

import (
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/scanner"
	"go/token"
	"go/types"
	"maps"
	"slices"
)

// CheckGo compiles the Go code among blocks that belongs to a module, up to the point where there would be machine
// code, and returns what is wrong, each as FILE:LINE: MISTAKE. The module is named by its folder below root, "."
// for the root itself. Code belongs to a nested module where it uses a package that is at home there.
func CheckGo(root, module string, blocks []Block) ([]string, error) {
	var problems []string
	var units []*unit
	needed := map[string]bool{}
	for _, block := range blocks {
		if block.Language != "go" {
			continue
		}
		u, err := newUnit(block)
		switch {
		case err != nil && module == ".":
			problems = append(problems, err.Error())
		case err == nil && u.module() == module:
			units = append(units, u)
			maps.Copy(needed, u.imports)
		}
	}
	if len(units) == 0 {
		return problems, nil
	}
	packages, err := loadPackages(root, module, slices.Sorted(maps.Keys(needed)))
	if err != nil {
		return problems, err
	}
	for _, u := range units {
		problems = append(problems, u.check(packages)...)
	}
	return problems, nil
}

// check compiles the unit.
func (u *unit) check(packages types.Importer) []string {
	fset := token.NewFileSet()
	file, err := u.parse(fset)
	if err != nil {
		return []string{furthest(err).Error()}
	}
	var problems []string
	report := func(err error) {
		problem, ok := errors.AsType[types.Error](err)
		if !ok || problem.Soft && u.allowed(fset, file, problem.Pos) {
			return
		}
		at := fset.Position(problem.Pos)
		if at.Filename != u.block.File { // in what was put around the code
			at = token.Position{Filename: u.block.File, Line: u.block.Line}
		}
		problems = append(problems, fmt.Sprintf("%s: %s", at, problem.Msg))
	}
	config := types.Config{Importer: packages, Error: report}
	_, _ = config.Check("p", fset, []*ast.File{file}, nil) // its error is the first of those reported
	return problems
}

// allowed reports whether something that is declared and not used may be: in what was put around the code, and in
// statements, as a variable for what would follow them.
func (u *unit) allowed(fset *token.FileSet, file *ast.File, pos token.Pos) bool {
	if fset.Position(pos).Filename != u.block.File {
		return true
	}
	inClosure := false
	ast.Inspect(file, func(node ast.Node) bool {
		if closure, ok := node.(*ast.FuncLit); ok && closure.Pos() <= pos && pos < closure.End() {
			inClosure = true
		}
		return !inClosure
	})
	return u.form.statements && !inClosure
}

// furthest returns the mistake of a failed parsing that is farthest down.
func furthest(errs ...error) error {
	var all scanner.ErrorList
	for _, err := range errs {
		list, ok := errors.AsType[scanner.ErrorList](err)
		if !ok {
			return err
		}
		all = append(all, list[0])
	}
	return slices.MaxFunc(all, func(a, b *scanner.Error) int { return cmp.Compare(a.Pos.Line, b.Pos.Line) })
}
