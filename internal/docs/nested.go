package docs

import (
	"errors"
	"strings"
	"testing"

	"github.com/seed-a6e4e5a4/imbot"
)

// TestCode is the test of a nested module that the Go code of comments and pages compiles, as far as it belongs to the
// module. The module is named by its folder below root. So that the test cannot pass by finding no code, mistake is
// code of the module with an error in its first line, and want is how the compiler describes that.
func TestCode(t testing.TB, root, module, mistake, want string) {
	t.Helper()
	blocks, err := Comments(root)
	if err != nil {
		t.Fatal(err)
	}
	pages, err := Pages(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range pages {
		blocks = append(blocks, page.Blocks...)
	}
	blocks = append(blocks, Block{File: "X.md", Line: 4, Language: "go", Text: mistake + "\n"})
	problems, err := CheckGo(root, module, blocks)
	if err != nil {
		t.Fatal(err)
	}
	isFound := false
	for _, problem := range problems {
		if strings.HasPrefix(problem, "X.md:4: "+want) {
			isFound = true
		} else {
			t.Error(problem)
		}
	}
	if !isFound {
		t.Errorf("the mistake was not found: %s", mistake)
	}
}

// TestErrors is the test of a nested module that [imbot.Explain] has advice for each error that the package in a folder
// exports. The list has a value of each by its name, and nothing else.
func TestErrors(t testing.TB, folder string, explained map[string]error) {
	t.Helper()
	names, err := Errors(folder)
	if err != nil {
		t.Fatal(err)
	}
	for name := range explained {
		if _, ok := names[name]; !ok {
			t.Errorf("%s is in the list, but the package does not export it", name)
		}
	}
	unknown := imbot.Explain(errors.New("x"))
	for name := range names {
		switch err := explained[name]; {
		case err == nil:
			t.Errorf("%s is not in the list", name)
		case imbot.Explain(err) == unknown:
			t.Errorf("%s is not explained", name)
		}
	}
}
