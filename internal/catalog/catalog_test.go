package catalog_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// documented is what the documentation says of a method.
type documented struct {
	Name            string
	Params          []param
	Result          result
	Errors          []struct{ Code string }
	ExampleRequest  json.RawMessage `json:"example_request"`
	ExampleResponse json.RawMessage `json:"example_response"`
}

// param is a parameter, or a field of one.
type param struct {
	Name     string
	Type     string
	Required bool
	Fields   []param
}

// result is what a method answers.
type result struct {
	Type   string
	Fields []field
}

// field is a field of a result, or of a type that results have.
type field struct {
	Name string
	Type string
	Ref  string // a type of the catalog
}

// documentedEvent is what the documentation says of an event.
type documentedEvent struct {
	Name           string
	ExamplePayload map[string]any `json:"example_payload"`
}

// catalog is the documentation of bots as data.
type catalog struct {
	Types   map[string]struct{ Fields []field }
	Methods []documented
}

// read reads the catalog, without the methods of interface applications, which this module leaves alone.
func read(t *testing.T) catalog {
	t.Helper()
	all := readFile[catalog](t, "methods.json")
	methods := all.Methods[:0]
	for _, m := range all.Methods {
		if !strings.HasPrefix(m.Name, "imbot.app.") {
			methods = append(methods, m)
		}
	}
	all.Methods = methods
	require.Len(t, methods, 64)
	return all
}

func readFile[T any](t *testing.T, name string) T {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "testdata", "catalogue", name)) //nolint:misspell // the folder has this name
	require.NoError(t, err)
	var value T
	require.NoError(t, json.Unmarshal(data, &value))
	return value
}

// exceptions are differences that are meant, each with its reason. One that is no difference any more fails the test.
type exceptions map[string]string

// check fails for differences that no reason is given for, and for reasons without a difference.
func (e exceptions) check(t *testing.T, differences []string) {
	t.Helper()
	found := make(map[string]bool)
	for _, difference := range differences {
		found[difference] = true
		if e[difference] == "" {
			t.Error(difference)
		}
	}
	for difference := range e {
		if !found[difference] {
			t.Errorf("no longer so: %s", difference)
		}
	}
}
