package docs_test

import (
	"go/format"
	"go/scanner"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/internal/docs"
)

func readPage(t *testing.T, file string) docs.Page {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, file))
	require.NoError(t, err)
	return docs.ReadPage(file, string(text))
}

// What is said in one language is said in the other: the sections, the code, and in each section the names and the
// links are the same.
func TestREADMEsAreOfOneContent(t *testing.T) {
	t.Parallel()
	english, russian := readPage(t, "README.md"), readPage(t, "README.ru.md")
	assert.Equal(t, codeOf(english), codeOf(russian))

	want, got := sectionsOf(english), sectionsOf(russian)
	require.Len(t, got, len(want))
	for i := range want {
		assert.Equal(t, want[i].level, got[i].level, want[i].title)
		assert.Equal(t, want[i].names, got[i].names, "%s and %s", want[i].title, got[i].title)
		assert.Equal(t, want[i].links, got[i].links, "%s and %s", want[i].title, got[i].title)
		assert.Equal(t, want[i].rows, got[i].rows, "rows of tables and items of lists in %s", got[i].title)
	}
	assert.NotContains(t, strings.Join(russian.Lines, "\n"), "apidocs.bitrix24.com", "there is a Russian documentation")
}

// codeOf returns the code of a page without its comments.
func codeOf(page docs.Page) []string {
	var code []string
	for _, block := range page.Blocks {
		text := block.Text
		if block.Language == "go" {
			text = withoutComments(text)
		}
		code = append(code, block.Language+"\n"+block.Given+"\n"+text)
	}
	return code
}

func withoutComments(source string) string {
	var s scanner.Scanner
	fset := token.NewFileSet()
	s.Init(fset.AddFile("", -1, len(source)), []byte(source), nil, scanner.ScanComments)
	text, removed := source, 0
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			formatted, err := format.Source([]byte(text))
			if err != nil {
				return text
			}
			return string(formatted)
		}
		if tok == token.COMMENT {
			start := int(pos) - 1 - removed
			text = text[:start] + text[start+len(lit):]
			removed += len(lit)
		}
	}
}

// section is a heading with what stands below it.
type section struct {
	title, level string
	names, links []string
	rows         int
}

var (
	names    = regexp.MustCompile("`[^`]+`")
	linksOf  = regexp.MustCompile(`\]\(([^)]+)\)`)
	rowStart = regexp.MustCompile(`^(\||- )`)
)

func sectionsOf(page docs.Page) []section {
	sections := []section{{}}
	for _, line := range page.Lines {
		current := &sections[len(sections)-1]
		if level, title, ok := strings.Cut(line, " "); ok && strings.Trim(level, "#") == "" && level != "" {
			sections = append(sections, section{title: title, level: level})
			continue
		}
		current.names = append(current.names, names.FindAllString(line, -1)...)
		for _, match := range linksOf.FindAllStringSubmatch(line, -1) {
			if !strings.HasPrefix(match[1], "README") && !strings.HasPrefix(match[1], "#") {
				current.links = append(current.links, strings.Replace(match[1], "bitrix24.ru", "bitrix24.com", 1))
			}
		}
		if rowStart.MatchString(line) {
			current.rows++
		}
	}
	for i := range sections { // the languages have their own order of words
		slices.Sort(sections[i].names)
		slices.Sort(sections[i].links)
	}
	return sections
}
