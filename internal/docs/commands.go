package docs

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// CheckCommands looks at the commands among blocks, without running them: the targets of make, the steps of CI, the
// folders, flags and tests that they name have to exist. They begin in the folder of the module that their file is in.
// It returns what does not exist, each as FILE:LINE: MISTAKE.
func CheckCommands(root string, blocks []Block) []string {
	var problems []string
	for _, block := range blocks {
		if !isCommands(block) {
			continue
		}
		dir, begun := filepath.Join(root, moduleOf(root, block.File)), ""
		for i, line := range strings.Split(block.Text, "\n") {
			if more, goesOn := strings.CutSuffix(line, "\\"); goesOn {
				begun += more
				continue
			}
			line, begun = begun+line, ""
			for _, words := range commandsOf(line) {
				if words[0] == "cd" && len(words) == 2 {
					dir = filepath.Join(dir, words[1])
					words = []string{"cd", "."}
				}
				if err := (shell{root, dir}).check(words); err != nil {
					problems = append(problems, fmt.Sprintf("%s:%d: %v", block.File, block.Line+i, err))
				}
			}
		}
	}
	return problems
}

// moduleOf returns the folder of the module that a file is in: where its commands are for.
func moduleOf(root, file string) string {
	dir := path.Dir(file)
	for dir != "." {
		if _, err := os.Stat(filepath.Join(root, dir, "go.mod")); err == nil {
			break
		}
		dir = path.Dir(dir)
	}
	return dir
}

func isCommands(b Block) bool { return b.Language == "" || b.Language == "sh" || b.Language == "bash" }

var inline = regexp.MustCompile("`([^`]+)`")

// InlineCommands returns the commands that stand in the text of a page, between backquotes, as blocks.
func InlineCommands(page Page) []Block {
	var blocks []Block
	for i, line := range page.Lines {
		for _, match := range inline.FindAllStringSubmatch(line, -1) {
			if command.MatchString(match[1]) {
				blocks = append(blocks, Block{File: page.File, Line: i + 1, Text: match[1] + "\n"})
			}
		}
	}
	return blocks
}

var (
	comment    = regexp.MustCompile(`(^|\s)#.*$`)
	separator  = regexp.MustCompile(`&&|\|\||[;|]`)
	assignment = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*=`)
)

// commandsOf takes a line of a shell apart: into commands, and these into words. What is set for a command, in front of
// it, is left out.
func commandsOf(line string) [][]string {
	var commands [][]string
	for part := range slices.Values(separator.Split(comment.ReplaceAllString(line, ""), -1)) {
		words := strings.Fields(part)
		for len(words) > 0 && assignment.MatchString(words[0]) {
			words = words[1:]
		}
		if len(words) > 0 {
			commands = append(commands, words)
		}
	}
	return commands
}

// shell is where a command would run.
type shell struct{ root, dir string }

func (s shell) check(words []string) error {
	switch name, args := words[0], words[1:]; name {
	case "make":
		return s.checkMake(args)
	case ".ci/run":
		return s.checkSteps(args)
	case "go":
		return s.checkGo(args)
	case "cd":
		if !isDir(s.dir) {
			return fmt.Errorf("there is no folder %s", s.dir)
		}
		return nil
	case "curl", "export", "git":
		return nil
	default:
		return fmt.Errorf("%q is no command that the documentation may use", name)
	}
}

func (s shell) checkMake(args []string) error {
	makefile, err := os.ReadFile(filepath.Join(s.root, "Makefile"))
	if err != nil {
		return err
	}
	for _, arg := range args {
		name, _, isVariable := strings.Cut(arg, "=")
		stands := `(?m)^` + regexp.QuoteMeta(name) + `:.*##`
		if isVariable {
			stands = `\$\(` + regexp.QuoteMeta(name) + `\)`
		}
		if !regexp.MustCompile(stands).Match(makefile) {
			return fmt.Errorf("the Makefile knows no %s", name)
		}
	}
	return nil
}

func (s shell) checkSteps(args []string) error {
	script, err := os.ReadFile(filepath.Join(s.root, ".ci", "run"))
	if err != nil {
		return err
	}
	for _, step := range args {
		if !strings.Contains(string(script), "\nstep_"+step+"() {") {
			return fmt.Errorf(".ci/run has no step %s", step)
		}
	}
	return nil
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
