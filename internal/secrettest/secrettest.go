// Package secrettest searches what a program may print for secrets. It is for tests.
package secrettest

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
)

// Secrets are the texts that must be found nowhere. Each is long enough not to be found by chance.
type Secrets []string

// NotIn searches a text for each secret, as it is, in hexadecimal and as %d prints bytes: the forms that fmt, log/slog
// and encoding/json can give a string. where is for the message of a failure.
func (s Secrets) NotIn(t testing.TB, text, where string) {
	t.Helper()
	folded := strings.ToLower(text)
	for _, secret := range s {
		digits := strings.Trim(fmt.Sprintf("%d", []byte(secret)), "[]")
		for _, form := range []string{strings.ToLower(secret), hex.EncodeToString([]byte(secret)), digits} {
			if strings.Contains(folded, form) {
				t.Errorf("%s shows the secret %s: %s", where, secret, text)
			}
		}
	}
}

// Verbs are those of fmt that may print a value, whatever its type is.
var Verbs = []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t"}

// NotPrinted prints a value in every way that a program may print it: with fmt, alone and within others, and with
// log/slog. The methods of its type are to keep the secrets out.
func (s Secrets) NotPrinted(t testing.TB, value any, where string) {
	t.Helper()
	for _, verb := range Verbs {
		for _, form := range []any{value, []any{value}, map[string]any{"k": value}, struct{ V any }{value}} {
			s.NotIn(t, fmt.Sprintf(verb, form), fmt.Sprintf("%s in %T by %s", where, form, verb))
		}
	}
	var out bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(handler).InfoContext(t.Context(), "value", "v", value, slog.Group("g", "v", value))
	}
	s.NotIn(t, out.String(), where+" by slog")
}

// holder keeps a value in an unexported field, where fmt does not call its methods.
type holder struct{ hidden any }

// NotReached prints a value where the methods of its type are out of fmt's reach, so that fmt takes it apart.
func (s Secrets) NotReached(t testing.TB, value any, where string) {
	t.Helper()
	for _, verb := range Verbs {
		s.NotIn(t, fmt.Sprintf(verb, holder{value}), where+" in an unexported field by "+verb)
	}
}

// NotEncoded writes a value as JSON, if it can be written so: a func cannot.
func (s Secrets) NotEncoded(t testing.TB, value any, where string) {
	t.Helper()
	if encoded, err := json.Marshal(value); err == nil {
		s.NotIn(t, string(encoded), where+" as JSON")
	}
}

// NotInError prints an error and all that it wraps.
func (s Secrets) NotInError(t testing.TB, err error, where string) {
	t.Helper()
	if err == nil {
		return
	}
	where += fmt.Sprintf(" > %T", err)
	s.NotPrinted(t, err, where)
	switch wrapper := err.(type) { //nolint:errorlint // each layer has its turn
	case interface{ Unwrap() error }:
		s.NotInError(t, wrapper.Unwrap(), where)
	case interface{ Unwrap() []error }:
		for _, wrapped := range wrapper.Unwrap() {
			s.NotInError(t, wrapped, where)
		}
	}
}

// ExportedTypes lists the names of the types that the package in a folder exports.
func ExportedTypes(t testing.TB, folder string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(node ast.Node) bool {
			if typ, ok := node.(*ast.TypeSpec); ok && typ.Name.IsExported() {
				names = append(names, typ.Name.Name)
			}
			return true
		})
	}
	return names
}
