//go:build mutations

package mutations

import (
	"cmp"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	since = flag.String("mutations.since", os.Getenv("MUTATIONS_SINCE"),
		"plant only the rows whose file, or the file of whose test, has changed since this commit")
	sample = flag.Bool("mutations.sample", false, "plant only the first row of each subject")
	record = flag.Bool("mutations.record", false, "find for each row that names no test the one that fails soonest, and write it into the row")
)

func TestMutations_areCaught(t *testing.T) {
	t.Parallel()
	planted := chosen(t)
	t.Logf("%d rows", len(planted))
	for _, r := range planted {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			overlay := r.plant(t)
			if *record {
				r.record(t, overlay)
				return
			}
			var args []string
			if folder, names := r.tests(); len(names) > 0 {
				args = []string{only(names...), folder}
			} else {
				args = append([]string{"-failfast"}, r.dependents(t)...)
			}
			output, err := goTest(t, overlay, args...)

			require.Error(t, err, "the bug was not noticed")
			assert.Contains(t, output, "--- FAIL: ", "the tests did not run")
		})
	}
}

// chosen returns the rows that the flags ask for.
func chosen(t *testing.T) []row {
	t.Helper()
	all := slices.Concat(subjects...)
	switch {
	case *sample:
		all = nil
		for _, subject := range subjects {
			all = append(all, subject[0])
		}
	case *since != "":
		git := exec.CommandContext(t.Context(), "git", "-c", "safe.directory=*", "diff", "--name-only", *since)
		git.Dir = root
		output, err := git.Output()
		require.NoError(t, err, "git diff --name-only %s", *since)
		changed := strings.Fields(string(output))
		all = slices.DeleteFunc(all, func(r row) bool { return !r.isTouched(t, changed) })
	}
	if *record {
		all = slices.DeleteFunc(all, func(r row) bool { return r.kills != "" })
	}
	return all
}

// isTouched reports whether the file of a row, or one of those that its tests are in, is among changed.
func (r row) isTouched(t *testing.T, changed []string) bool {
	t.Helper()
	folder, names := r.tests()
	files := []string{r.file}
	if len(names) > 0 {
		declared := testsIn(t, folder)
		for _, name := range names {
			files = append(files, declared[name])
		}
	}
	return slices.ContainsFunc(files, func(file string) bool { return slices.Contains(changed, file) })
}

// plant writes the file of a row with the bug in it, and returns the file that tells the go command to compile that
// one. The working tree does not change.
func (r row) plant(t *testing.T) (overlay string) {
	t.Helper()
	file, err := filepath.Abs(filepath.Join(root, r.file))
	require.NoError(t, err)
	source, err := os.ReadFile(file)
	require.NoError(t, err)
	dir := t.TempDir()
	mutated := filepath.Join(dir, "mutated.go")
	require.NoError(t, os.WriteFile(mutated, []byte(strings.Replace(string(source), r.old, r.new, 1)), 0o600))
	replace, err := json.Marshal(map[string]any{"Replace": map[string]string{file: mutated}})
	require.NoError(t, err)
	overlay = filepath.Join(dir, "overlay.json")
	require.NoError(t, os.WriteFile(overlay, replace, 0o600))
	return overlay
}

// goTest runs go test with a bug.
func goTest(t *testing.T, overlay string, args ...string) (output string, err error) {
	t.Helper()
	args = append([]string{"test", "-short", "-vet=off", "-count=1", "-timeout=4m", "-overlay=" + overlay}, args...)
	dir := root
	if last := len(args) - 1; strings.HasPrefix(args[last], "./") {
		dir, args[last] = moduleOf(args[last])
	}
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "RAPID_NOFAILFILE=true") // these failures are no finding to keep
	combined, err := cmd.CombinedOutput()
	return string(combined), err
}

// moduleOf returns the folder of the module that a folder of tests is in, and the folder as it is named from there.
func moduleOf(folder string) (module, inside string) {
	for inside = "."; folder != "."; folder = path.Dir(folder) {
		if _, err := os.Stat(filepath.Join(root, folder, "go.mod")); err == nil {
			break
		}
		inside = path.Join(path.Base(folder), inside)
	}
	return filepath.Join(root, folder), "./" + inside
}

// only returns the flag that runs these tests alone.
func only(names ...string) string { return "-run=^(" + strings.Join(names, "|") + ")$" }

const modulePath = "github.com/seed-a6e4e5a4/imbot"

// testBinaries has the test binary of each package with what it is made of, a line for each.
var testBinaries = sync.OnceValues(func() (string, error) {
	list := exec.Command("go", "list", "-test", "-f", `{{.ImportPath}} {{join .Deps " "}}`, "./...")
	list.Dir = root
	output, err := list.Output()
	return string(output), err
})

// dependents returns the packages whose tests depend on the file of a row.
func (r row) dependents(t *testing.T) []string {
	t.Helper()
	binaries, err := testBinaries()
	require.NoError(t, err)
	of := path.Join(modulePath, path.Dir(r.file))
	var packages []string
	for line := range strings.Lines(binaries) {
		words := strings.Fields(line)
		if name, isTest := strings.CutSuffix(words[0], ".test"); isTest && slices.Contains(words[1:], of) {
			packages = append(packages, name)
		}
	}
	require.NotEmpty(t, packages)
	return packages
}

// failure is a test that failed with a bug.
type failure struct {
	folder, name string
	seconds      float64
}

// record looks for the tests that notice the bug, in the package of the file and then in all that depend on it, and
// writes into the row the one that fails soonest, if it fails each time.
func (r row) record(t *testing.T, overlay string) {
	t.Helper()
	for _, packages := range [][]string{{"./" + path.Dir(r.file)}, r.dependents(t)} {
		output, _ := goTest(t, overlay, append([]string{"-json"}, packages...)...)
		for _, f := range failuresIn(output) {
			if f.isCertain(t, overlay) {
				r.write(t, f.folder+" "+f.name)
				return
			}
		}
	}
	t.Error("no test notices the bug each time")
}

// isCertain reports whether the test fails each time.
func (f failure) isCertain(t *testing.T, overlay string) bool {
	t.Helper()
	const times = 3
	output, err := goTest(t, overlay, "-count="+strconv.Itoa(times), only(f.name), f.folder)
	failed := strings.Count(output, "--- FAIL: "+f.name+" ")
	return err != nil && (failed == times || failed > 0 && strings.Contains(output, "\npanic: "))
}

// failuresIn returns the tests that failed, of the output of go test -json, the quickest first.
func failuresIn(output string) []failure {
	var failures []failure
	for line := range strings.Lines(output) {
		var event struct {
			Action, Package, Test string
			Elapsed               float64
		}
		if json.Unmarshal([]byte(line), &event) != nil || event.Action != "fail" || event.Test == "" || strings.Contains(event.Test, "/") {
			continue
		}
		folder := "." + strings.TrimPrefix(event.Package, modulePath)
		failures = append(failures, failure{folder, event.Test, event.Elapsed})
	}
	slices.SortStableFunc(failures, func(a, b failure) int { return cmp.Compare(a.seconds, b.seconds) })
	return failures
}

var writing sync.Mutex

// write puts the tests that notice the bug into the row.
func (r row) write(t *testing.T, kills string) {
	t.Helper()
	t.Log(kills)
	writing.Lock()
	defer writing.Unlock()
	files, err := filepath.Glob("*_test.go")
	require.NoError(t, err)
	head := strconv.Quote(r.name) + ", " + strconv.Quote(r.file) + ", "
	for _, file := range files {
		source, err := os.ReadFile(file)
		require.NoError(t, err)
		changed := strings.Replace(string(source), head+strconv.Quote(r.kills), head+strconv.Quote(kills), 1)
		if changed != string(source) {
			require.NoError(t, os.WriteFile(file, []byte(changed), 0o644))
		}
	}
}
