package acceptance_test

import (
	"encoding/csv"
	"flag"
	"fmt"
	"go/ast"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the list of methods of docs/v2.md anew")

// methodRow is a line of methods.csv, the list of all REST methods that have a wrapper. A blank separates successors.
type methodRow struct {
	method, goName, file, status string
	successors                   []string
	docs                         string
}

func methodRows(t testing.TB) []methodRow {
	t.Helper()
	records, err := csv.NewReader(strings.NewReader(readFile(t, "methods.csv"))).ReadAll()
	require.NoError(t, err)
	require.Equal(t, []string{"method", "go", "file", "status", "successor", "docs"}, records[0])
	var rows []methodRow
	for _, r := range records[1:] {
		rows = append(rows, methodRow{r[0], r[1], r[2], r[3], strings.Fields(r[4]), r[5]})
	}
	return rows
}

// folder is that of the package which the method is in.
func (r *methodRow) folder() string { return filepath.Dir(r.file) }

// goMethod returns the method of a service as its comment is found: ChatUserService.Add of client.Chat.User.Add. The
// second generation calls a service after the last group: MessageService.Send of bot.Chat.Message.Send.
func (r *methodRow) goMethod() string {
	parts := strings.Split(r.goName, ".")
	last := len(parts) - 1
	switch {
	case r.goName == "bot."+parts[last]:
		return "Bot." + parts[last]
	case strings.HasPrefix(r.method, usersMethods):
		return "IM" + parts[last-1] + "Service." + parts[last]
	case r.folder() == "imbotv2":
		return parts[last-1] + "Service." + parts[last]
	default:
		return strings.Join(parts[1:last], "") + "Service." + parts[last]
	}
}

func TestMethods_rowsAreTrue(t *testing.T) {
	t.Parallel()
	docs := map[string]map[string]string{}
	for _, folder := range packages {
		docs[folder] = exported(packageDecls(t, folder))
	}
	for _, row := range methodRows(t) {
		t.Run(row.method, func(t *testing.T) {
			t.Parallel()
			docs := docs[row.folder()]
			assert.Equal(t, fileOf(row.method), filepath.Base(row.file))
			source := readFile(t, row.file)
			assert.Regexp(t, `Name:\s+"`+regexp.QuoteMeta(row.method)+`"`, source)
			comment, ok := docs[row.goMethod()]
			require.True(t, ok, "there is no %s", row.goMethod())
			assert.True(t, strings.HasSuffix(comment, "\nBitrix24 docs: "+row.docs+"\n"), "another link")
			assert.Contains(t, docs[methodVarOf(row.method)], "["+row.goMethod()+"]")
			text := strings.Join(strings.Fields(comment), " ")
			scope, _, _ := strings.Cut(row.method, ".")
			assert.Contains(t, text, "Scope: "+scope+".")
			assert.Regexp(t, `\[(imbot\.)?Err|\b[A-Z]+_[A-Z_]+\b`, text, "the refusals are named by their sentinels or codes")
			switch row.status {
			case "current":
				assert.Empty(t, row.successors)
			case "deprecated":
				assert.Contains(t, text, "Superseded by "+strings.Join(row.successors, " and "))
			default:
				t.Errorf("%s is no status", row.status)
			}
			assert.Contains(t, readFile(t, row.file), methodVarOf(row.method))
		})
	}
}

// What holds for all methods is said once.
func TestMethods_whatAllHaveInCommon(t *testing.T) {
	t.Parallel()
	text := strings.Join(strings.Fields(exported(packageDecls(t, "."))["ChatService"]), " ")
	for _, promise := range []string{"[ErrBotID]", "[ErrAppID]", "[ErrClientIDMissing]", "[*ParamError], and nothing is sent", "repeated after a lost answer"} {
		assert.Contains(t, text, promise)
	}
	text = strings.Join(strings.Fields(exported(packageDecls(t, "imbotv2"))["Bot"]), " ")
	for _, promise := range []string{"[imbot.ErrBotID]", "[imbot.ErrAppID]", "[imbot.ErrClientIDMissing]", "[*imbot.ParamError], and nothing is sent", "repeated after a lost answer"} {
		assert.Contains(t, text, promise)
	}
}

func TestMethods_everyMethodHasARow(t *testing.T) {
	t.Parallel()
	rows := map[string]bool{}
	for _, row := range methodRows(t) {
		rows[row.folder()+" "+methodVarOf(row.method)] = true
	}
	for _, folder := range packages {
		for _, decl := range packageDecls(t, folder) {
			gen, ok := decl.(*ast.GenDecl)
			if !ok || gen.Tok != token.VAR {
				continue
			}
			for _, spec := range gen.Specs {
				if value, ok := spec.(*ast.ValueSpec); ok && strings.HasPrefix(value.Names[0].Name, "Method") {
					assert.True(t, rows[folder+" "+value.Names[0].Name], "%s has no row in methods.csv", value.Names[0].Name)
				}
			}
		}
	}
}

// The list in docs/v2.md is made of methods.csv, by
// go test -run TestMethods_list ./internal/acceptance -update.
func TestMethods_list(t *testing.T) {
	t.Parallel()
	const page, begin, end = "docs/v2.md", "<!-- methods.csv -->\n", "<!-- end of methods.csv -->"
	list := generationsList(methodRows(t))
	before, rest, found := strings.Cut(readFile(t, page), begin)
	require.True(t, found)
	stands, after, found := strings.Cut(rest, end)
	require.True(t, found)
	if *update {
		require.NoError(t, os.WriteFile(filepath.Join(root, page), []byte(before+begin+list+end+after), 0o600))
		return
	}
	assert.Equal(t, list, stands)
}

// generationsList returns the methods of the first generation beside those of the second that replace them, and behind
// them the other methods of the second.
func generationsList(rows []methodRow) string {
	goNames, links, replaces := map[string]string{}, map[string]string{}, map[string]bool{}
	for _, row := range rows {
		goNames[row.method] = "`" + row.goName + "`"
		links[row.method] = fmt.Sprintf("[%#q](%s)", row.method, row.docs)
		for _, successor := range row.successors {
			replaces[successor] = true
		}
	}
	var list strings.Builder
	list.WriteString("\n| first generation | Go | second generation | Go |\n|---|---|---|---|\n")
	for _, row := range rows {
		var methods, calls []string
		for _, successor := range row.successors {
			methods = append(methods, links[successor])
			calls = append(calls, goNames[successor])
		}
		switch {
		case len(row.successors) > 0:
			fmt.Fprintf(&list, "| %s | %s | %s | %s |\n", links[row.method], goNames[row.method], strings.Join(methods, ", "), strings.Join(calls, ", "))
		case row.status == "current" && !replaces[row.method]:
			fmt.Fprintf(&list, "| – | – | %s | %s |\n", links[row.method], goNames[row.method])
		}
	}
	return list.String() + "\n"
}
