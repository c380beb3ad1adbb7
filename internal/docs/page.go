package docs

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// Page is a file of documentation.
type Page struct {
	// File is its path from the root of the repository, with slashes.
	File string
	// Blocks are the pieces of code in it.
	Blocks []Block
	// Lines is the text around them: those of the code are empty.
	Lines []string
}

// Block is a piece of code in the documentation.
type Block struct {
	// File is where it stands, and Line the number of its first line there.
	File string
	Line int
	// Language is what it is marked as: "go", "json" and so on, or "" for commands.
	Language string
	// Text is the code.
	Text string
	// Given declares what the code uses and does not declare, as in a list of parameters: "hook string; n int".
	Given string
}

// Pages reads the pages below root: every Markdown file, and llms.txt.
func Pages(root string) ([]Page, error) {
	var pages []Page
	err := walk(root, func(file string) error {
		if filepath.Ext(file) != ".md" && file != "llms.txt" {
			return nil
		}
		text, err := os.ReadFile(filepath.Join(root, file))
		if err == nil {
			pages = append(pages, ReadPage(file, string(text)))
		}
		return err
	})
	return pages, err
}

// walk calls visit for each file of the repository, with its path from root.
func walk(root string, visit func(file string) error) error {
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name := entry.Name(); name == ".git" || name == "testdata" {
				return filepath.SkipDir
			}
			return nil
		}
		file, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		return visit(filepath.ToSlash(file))
	})
}

var (
	fence = regexp.MustCompile("^ *(```+|~~~+) *([A-Za-z0-9]*)")
	given = regexp.MustCompile(`^<!-- given: (.*) -->$`)
)

// ReadPage reads the text of a page. Code stands between fences; a comment of the form <!-- given: NAME TYPE; … -->
// before the opening one tells what the code takes for granted.
func ReadPage(file, text string) Page {
	page := Page{File: file, Lines: strings.Split(text, "\n")}
	var open *Block
	var closing, said string
	for i, line := range page.Lines {
		match := fence.FindStringSubmatch(line)
		switch {
		case open == nil && match != nil:
			open = &Block{File: file, Line: i + 2, Language: match[2], Given: said}
			closing = match[1]
		case open == nil:
			if comment := given.FindStringSubmatch(line); comment != nil {
				said = comment[1]
			} else if strings.TrimSpace(line) != "" {
				said = ""
			}
			continue
		case strings.TrimSpace(line) == closing:
			page.Blocks = append(page.Blocks, *open)
			open, said = nil, ""
		default:
			open.Text += line + "\n"
		}
		page.Lines[i] = ""
	}
	if open != nil { // never closed
		page.Blocks = append(page.Blocks, *open)
	}
	return page
}
