package docs

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

const modulePath = "github.com/seed-a6e4e5a4/imbot"

// packages are those that code in the documentation may use without an import, by the name of their last element.
var packages = []string{
	"context", "crypto/sha256", "errors", "fmt", "iter", "log", "log/slog", "net/http", "os", "slices", "testing", "testing/synctest", "time",
	"golang.org/x/time/rate", modulePath, modulePath + "/content", modulePath + "/imbottest", modulePath + "/imbotv2",
	modulePath + "/events", modulePath + "/oauth", modulePath + "/portals",
}

// ofPrograms are those that whole programs in the documentation import besides.
var ofPrograms = []string{"os/signal", "syscall"}

// nested has what code that belongs to a nested module looks like, and the packages it may use without an import.
var nested = map[string]struct {
	packages []string
	uses     *regexp.Regexp
}{
	"redisstore": {
		slices.Concat(packages, []string{"github.com/redis/go-redis/v9", modulePath + "/redisstore"}),
		regexp.MustCompile(`\b(redis|redisstore)\.`),
	},
	"sqlstore": {
		slices.Concat(packages, []string{"database/sql", modulePath + "/sqlstore"}),
		regexp.MustCompile(`\b(sql|sqlstore)\.`),
	},
	"eventqueue": {
		slices.Concat(packages, []string{"github.com/nats-io/nats.go", modulePath + "/eventqueue"}),
		regexp.MustCompile(`\b(nats|eventqueue)\.`),
	},
	"otelimbot": {
		slices.Concat(packages, []string{modulePath + "/otelimbot"}),
		regexp.MustCompile(`\b(otelimbot|telemetry)\.`),
	},
	"content/markdown": {
		[]string{"context", modulePath, modulePath + "/content", modulePath + "/imbotv2", modulePath + "/content/markdown"},
		regexp.MustCompile(`\bmarkdown\.`),
	},
}

// several is the module that code belongs to which uses more than one of nested: it requires all that replicas need.
const several = "examples/marketplace"

// moduleOf returns the folder of the module that code belongs to, with what is declared for it.
func moduleOf(code string) string {
	found := "."
	for module, its := range nested {
		switch {
		case !its.uses.MatchString(code):
		case found != ".":
			return several
		default:
			found = module
		}
	}
	return found
}

// knownTo returns the packages that code of a module may use without an import.
func knownTo(module string) []string {
	switch module {
	case ".":
		return packages
	case several:
		return slices.Concat(packages, []string{
			"database/sql", "github.com/nats-io/nats.go", "github.com/redis/go-redis/v9",
			modulePath + "/eventqueue", modulePath + "/otelimbot", modulePath + "/redisstore", modulePath + "/sqlstore",
		})
	default:
		return nested[module].packages
	}
}

// variables are those that code in the documentation may use without declaring them.
var variables = map[string]string{
	"ctx":    "context.Context",
	"client": "*imbot.Client",
	"err":    "error",
	"t":      "*testing.T",

	"auth":             "imbot.Auth",
	"bot":              "*imbotv2.Bot",
	"clientID":         "string",
	"token":            "string",
	"requests":         "iter.Seq[imbot.ChatLeaveRequest]",
	"app":              "oauth.App",
	"store":            "oauth.Store",
	"installed":        "oauth.Token",
	"endpoint":         "string",
	"memberID":         "string",
	"offsets":          "imbotv2.OffsetStore",
	"applicationToken": "events.Lookup",
	"portal":           "*imbottest.Portal",
	"registry":         "*portals.Registry",
}

// CheckGo checks the types of the Go code among blocks that belongs to a module, and returns what is wrong, each as
// FILE:LINE: MISTAKE. The module is named by its folder below root, "." for the root itself.
func CheckGo(root, module string, blocks []Block) ([]string, error) {
	known := knownTo(module)
	imported, err := Load(filepath.Join(root, module), append(slices.Clone(known), ofPrograms...))
	if err != nil {
		return nil, err
	}
	var problems []string
	for _, block := range blocks {
		if block.Language == "go" && moduleOf(block.Given+"\n"+block.Text) == module {
			problems = append(problems, block.check(known, imported)...)
		}
	}
	return problems, nil
}

// Load lets packages be imported, with what they import, as the compiler has left them in its cache. What is not there
// yet, go list compiles.
func Load(module string, paths []string) (types.Importer, error) {
	args := append([]string{"list", "-export", "-deps", "-f", "{{.ImportPath}}\t{{.Export}}"}, paths...)
	list := exec.Command("go", args...) //nolint:noctx,gosec // a test ends it with itself, and the arguments are ours
	list.Dir = module
	var stderr bytes.Buffer
	list.Stderr = &stderr
	out, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("go list in %s: %w: %s", module, err, stderr.Bytes())
	}
	exports := map[string]string{}
	for line := range strings.Lines(string(out)) {
		path, file, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		exports[path] = file
	}
	return importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		if exports[path] == "" {
			return nil, errors.New("is not among what the module needs")
		}
		return os.Open(exports[path])
	}), nil
}

// declarations is how code begins that is not statements.
var declarations = regexp.MustCompile(`^(//.*\n)*(func \(?\w|type |import )`)

// check checks the types of a block: a whole file, declarations, or statements.
func (b Block) check(known []string, imported types.Importer) []string {
	var prelude []string
	start, end := "", ""
	isStatements := false
	if !strings.HasPrefix(b.Text, "package ") {
		prelude = append(prelude, "package p")
		for _, path := range known {
			prelude = append(prelude, fmt.Sprintf("import %q", path))
		}
		if b.Given != "" {
			prelude = append(prelude, "var "+strings.ReplaceAll(b.Given, ";", ";var "))
		}
		if isStatements = !declarations.MatchString(b.Text); isStatements {
			start, end = "func _() (_ error) {", "panic(nil)}"
		}
		file, _ := b.parse(token.NewFileSet(), "package p;"+start, end)
		for name, typ := range variables {
			isGiven := slices.ContainsFunc(strings.Split(b.Given, ";"), func(given string) bool {
				return strings.HasPrefix(strings.TrimSpace(given), name+" ")
			})
			if !isGiven && slices.ContainsFunc(file.Unresolved, func(used *ast.Ident) bool { return used.Name == name }) {
				prelude = append(prelude, "var "+name+" "+typ)
			}
		}
	}
	fset := token.NewFileSet()
	file, err := b.parse(fset, strings.Join(append(prelude, start), ";"), end)
	if list, ok := errors.AsType[scanner.ErrorList](err); ok {
		return []string{list[0].Error()}
	}
	var problems []string
	config := types.Config{Importer: imported, Error: func(err error) {
		problem, _ := errors.AsType[types.Error](err)
		at := fset.Position(problem.Pos)
		inBlock := at.Filename == b.File
		if problem.Soft && (!inBlock || isStatements && !inClosure(file, problem.Pos)) {
			return // declared or imported, and not used
		}
		if !inBlock {
			at = token.Position{Filename: b.File, Line: b.Line}
		}
		problems = append(problems, fmt.Sprintf("%s: %s", at, problem.Msg))
	}}
	_, _ = config.Check("p", fset, []*ast.File{file}, nil) // its error is the first of those reported
	return problems
}

// parse parses a block with what stands around it. Positions are those in the documentation.
func (b Block) parse(fset *token.FileSet, prelude, end string) (*ast.File, error) {
	return parser.ParseFile(fset, "", fmt.Sprintf("%s\n//line %s:%d\n%s%s\n", prelude, b.File, b.Line, b.Text, end), 0)
}

func inClosure(file *ast.File, pos token.Pos) bool {
	found := false
	ast.Inspect(file, func(node ast.Node) bool {
		closure, ok := node.(*ast.FuncLit)
		found = found || ok && closure.Pos() <= pos && pos < closure.End()
		return !found
	})
	return found
}
