package docs

import (
	"bytes"
	"errors"
	"fmt"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const modulePath = "github.com/seed-a6e4e5a4/imbot"

// packagePaths has the packages that code in the documentation may use without an import.
var packagePaths = map[string]string{
	"context": "context",
	"errors":  "errors",
	"fmt":     "fmt",
	"http":    "net/http",
	"iter":    "iter",
	"log":     "log",
	"os":      "os",
	"rate":    "golang.org/x/time/rate",
	"slices":  "slices",
	"slog":    "log/slog",
	"testing": "testing",
	"time":    "time",

	"imbot":      modulePath,
	"imbottest":  modulePath + "/imbottest",
	"events":     modulePath + "/events",
	"oauth":      modulePath + "/oauth",
	"redis":      "github.com/redis/go-redis/v9",
	"redisstore": modulePath + "/redisstore",
}

// nested names the modules that have the packages which the root module does not.
var nested = map[string]string{
	"github.com/redis/go-redis/v9": "redisstore",
	modulePath + "/redisstore":     "redisstore",
}

// takenForGranted has the variables that code in the documentation may use without declaring them.
var takenForGranted = map[string]string{
	"ctx":    "context.Context",
	"client": "*imbot.Client",
	"err":    "error",
	"t":      "*testing.T",

	"auth":             "imbot.Auth",
	"clientID":         "string",
	"token":            "string",
	"requests":         "iter.Seq[imbot.ChatLeaveRequest]",
	"app":              "oauth.App",
	"store":            "oauth.Store",
	"installed":        "oauth.Token",
	"endpoint":         "string",
	"memberID":         "string",
	"applicationToken": "events.Lookup",
	"portal":           "*imbottest.Portal",
}

// loadPackages lets packages be imported, with what they import, as the compiler has left them in its cache. What is
// not there yet, go list compiles.
func loadPackages(root, module string, paths []string) (types.Importer, error) {
	args := append([]string{"list", "-export", "-deps", "-f", "{{.ImportPath}}\t{{.Export}}"}, paths...)
	list := exec.Command("go", args...) //nolint:noctx,gosec // a test ends it with itself, and the arguments are ours
	list.Dir = filepath.Join(root, module)
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
		file := exports[path]
		if file == "" {
			return nil, errors.New("is not among what the module needs")
		}
		return os.Open(file)
	}), nil
}
