package main

import (
	"bytes"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	t.Parallel()
	report, err := run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := "one chat: left\nchat 13: left\nchat 15: left\nno event\n"
	if report != want {
		t.Errorf("got %q, want %q", report, want)
	}
}

// compiled are the modules in an importer's program.
var compiled = []string{
	"github.com/cenkalti/backoff/v5 v5.0.3",
	"github.com/google/go-querystring v1.2.0",
	"github.com/seed-a6e4e5a4/imbot",
	"github.com/seed-a6e4e5a4/imbot/internal/consumer",
	"golang.org/x/oauth2 v0.37.0",
	"golang.org/x/sync v0.24.0",
	"golang.org/x/time v0.16.0",
}

// listed are those in an importer's module graph beside them: what the tests of package imbot need, and what these and
// x/oauth2 name without any package of it being imported.
var listed = []string{
	"cloud.google.com/go/compute/metadata",
	"github.com/google/go-cmp",
	"github.com/stretchr/testify v1.12.1",
	"go.yaml.in/yaml/v3",
	"pgregory.net/rapid v1.3.0",
}

// Whoever adds a module adds it for every importer. That is a decision of its own, and this is where it is written
// down.
func TestModules(t *testing.T) {
	t.Parallel()
	inProgram := modules(t, "list", "-deps", "-f", "{{with .Module}}{{.Path}} {{.Version}}{{end}}", ".")
	if unexpected := beyond(inProgram, compiled); len(unexpected) > 0 {
		t.Errorf("an importer compiles these modules in, which the design does not allow: %v", unexpected)
	}
	if missing := without(compiled, inProgram); len(missing) > 0 {
		t.Errorf("these modules are not needed any more, or have another version: %v", missing)
	}
	inGraph := modules(t, "list", "-m", "-f", "{{.Path}} {{.Version}}", "all")
	if unexpected := beyond(inGraph, slices.Concat(compiled, listed)); len(unexpected) > 0 {
		t.Errorf("an importer's module graph has these modules, which the design does not allow: %v", unexpected)
	}
}

func modules(t *testing.T, args ...string) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, &errs)
	}
	lines := strings.Split(string(out), "\n")
	lines = slices.DeleteFunc(lines, func(line string) bool { return strings.TrimSpace(line) == "" })
	slices.Sort(lines)
	return slices.Compact(lines)
}

// beyond returns what is found and not allowed. Where no version is named, any is.
func beyond(found, allowed []string) []string {
	return slices.DeleteFunc(slices.Clone(found), func(module string) bool {
		return slices.ContainsFunc(allowed, func(want string) bool { return matches(module, want) })
	})
}

// without returns what is wanted and not found.
func without(wanted, found []string) []string {
	return slices.DeleteFunc(slices.Clone(wanted), func(want string) bool {
		return slices.ContainsFunc(found, func(module string) bool { return matches(module, want) })
	})
}

func matches(module, want string) bool {
	path, _, _ := strings.Cut(module, " ")
	return module == want || path == want
}
