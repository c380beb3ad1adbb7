package docs

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Command is a command for a shell in the documentation.
type Command struct {
	// File is where it stands, and Line the number of its line there.
	File string
	Line int
	// Words are the program and its arguments, without the settings before it.
	Words []string
}

var (
	setting = regexp.MustCompile(`^[A-Z0-9_]+=`)
	inText  = regexp.MustCompile("`([^`]+)`")
	// inTextBegins is how a command in a sentence begins.
	inTextBegins = regexp.MustCompile(`^([A-Z0-9_]+=\S* )*(go (run|test|vet|get|install|mod|tool)|make|\.ci/run|tools/\S+\.sh)( |$)|^imbot [a-z-]+( |$)`)
)

// CommandsOf returns the commands of blocks that are for a shell: those marked as sh, and those that are not marked.
func CommandsOf(blocks []Block) []Command {
	var found []Command
	for _, block := range blocks {
		if block.Language != "" && block.Language != "sh" {
			continue
		}
		begun, joined := 0, ""
		for i, line := range strings.Split(block.Text, "\n") {
			if joined == "" {
				begun = block.Line + i
			}
			joined += line
			if before, goesOn := strings.CutSuffix(joined, "\\"); goesOn {
				joined = before
				continue
			}
			found = append(found, commandsIn(block.File, begun, joined)...)
			joined = ""
		}
	}
	return found
}

// Commands returns the commands of a page, in its blocks and in its sentences.
func (p Page) Commands() []Command {
	found := CommandsOf(p.Blocks)
	for i, line := range p.Lines {
		for _, match := range inText.FindAllStringSubmatch(line, -1) {
			if inTextBegins.MatchString(match[1]) {
				found = append(found, commandsIn(p.File, i+1, match[1])...)
			}
		}
	}
	return found
}

// commandsIn returns the commands of a line, without the comment behind them.
func commandsIn(file string, line int, text string) []Command {
	var found []Command
	text, _, _ = strings.Cut(" "+text, " #")
	for part := range strings.SplitSeq(text, "&&") {
		words := strings.Fields(part)
		for len(words) > 0 && setting.MatchString(words[0]) {
			words = words[1:]
		}
		if len(words) > 0 {
			found = append(found, Command{File: file, Line: line, Words: words})
		}
	}
	return found
}

// others are programs that are not of this repository. What they are given is not looked at.
var others = []string{".", "cd", "chmod", "curl", "docker", "echo", "export", "journalctl", "mkdir", "openssl", "set", "sudo"}

// CheckCommands looks whether what commands name is there: folders with programs and their flags, modules, targets of the
// Makefile, steps of CI, and scripts. It returns what is not, each as FILE:LINE: MISTAKE. The program imbot is left to the
// tests of its module.
func CheckCommands(root string, commands []Command) ([]string, error) {
	c := commandCheck{root: root}
	for name, into := range map[string]*string{"Makefile": &c.makefile, ".ci/run": &c.ci} {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return nil, err
		}
		*into = string(text)
	}
	if err := walk(root, ".go", c.noteFlags); err != nil {
		return nil, err
	}
	for _, command := range commands {
		if wrong := c.check(command); wrong != "" {
			c.problems = append(c.problems, fmt.Sprintf("%s:%d: %s", command.File, command.Line, wrong))
		}
	}
	return c.problems, nil
}

// commandCheck is what commands are held against.
type commandCheck struct {
	root, makefile, ci string
	flags              map[string][]string // of the programs and tests in a folder
	mains              map[string]bool     // the folders of programs
	problems           []string
}

// noteFlags notes the flags that a file declares by package flag, and whether it is of a program.
func (c *commandCheck) noteFlags(name string, text []byte) error {
	mode := parser.SkipObjectResolution
	if !bytes.Contains(text, []byte("flag")) {
		mode = parser.PackageClauseOnly
	}
	file, err := parser.ParseFile(token.NewFileSet(), name, text, mode)
	if err != nil {
		return err
	}
	if c.flags == nil {
		c.flags, c.mains = map[string][]string{}, map[string]bool{}
	}
	folder := path.Dir(name)
	c.mains[folder] = c.mains[folder] || file.Name.Name == "main"
	ast.Inspect(file, func(node ast.Node) bool {
		call, isCall := node.(*ast.CallExpr)
		if !isCall {
			return true
		}
		called, isSelector := call.Fun.(*ast.SelectorExpr)
		if !isSelector {
			return true
		}
		of, isName := called.X.(*ast.Ident)
		if !isName || of.Name != "flag" && of.Name != "flags" {
			return true
		}
		for _, arg := range call.Args[:min(len(call.Args), 2)] { // after a pointer, in those that are named …Var
			if literal, isLiteral := arg.(*ast.BasicLit); isLiteral && literal.Kind == token.STRING {
				flag, _ := strconv.Unquote(literal.Value)
				c.flags[folder] = append(c.flags[folder], flag)
				break
			}
		}
		return true
	})
	return nil
}

// check returns what is wrong with a command, or nothing.
func (c *commandCheck) check(command Command) string {
	words := command.Words
	switch program := words[0]; {
	case program == "imbot", slices.Contains(others, program):
		return ""
	case program == "make":
		return c.each(words[1:], func(target string) bool { return strings.Contains(c.makefile, "\n"+target+": ") }, "target")
	case program == ".ci/run":
		return c.each(words[1:], func(step string) bool { return strings.Contains(c.ci, "\nstep_"+step+"() {") }, "step")
	case strings.HasSuffix(program, ".sh"):
		return c.each(words[:1], c.exists, "script")
	case program == "go" && len(words) > 1:
		return c.checkGo(command, words[1], words[2:])
	default:
		return "what is " + program + "?"
	}
}

// each returns the first of names that is not there.
func (c *commandCheck) each(names []string, isThere func(string) bool, kind string) string {
	for _, name := range names {
		if !setting.MatchString(name) && !isThere(name) {
			return "there is no " + kind + " " + name
		}
	}
	return ""
}

func (c *commandCheck) exists(name string) bool {
	_, err := os.Stat(filepath.Join(c.root, name))
	return err == nil
}

// checkGo checks a command of the program go.
func (c *commandCheck) checkGo(command Command, verb string, args []string) string {
	here := "." // of a nested module, its own folder
	if c.exists(path.Join(path.Dir(command.File), "go.mod")) {
		here = path.Dir(command.File)
	}
	for i, arg := range args {
		of, isOurs := strings.CutPrefix(arg, modulePath)
		name, isFlag := strings.CutPrefix(arg, "-")
		switch {
		case isOurs:
			of, _, _ = strings.Cut(strings.TrimPrefix(of, "/"), "@")
			if !c.exists(path.Join(of, "go.mod")) && !c.mains[of] {
				return "there is no module or program " + arg
			}
		case strings.HasPrefix(arg, "./"):
			folder := path.Join(here, strings.TrimSuffix(arg, "..."))
			if !c.exists(folder) || verb == "run" && !c.mains[folder] {
				return "there is no " + arg
			}
			if verb == "run" {
				return c.each(flagsIn(args[i+1:]), func(flag string) bool { return slices.Contains(c.flags[folder], flag) }, "flag")
			}
		case isFlag && name == "args":
			return c.each(flagsIn(args[i+1:]), c.isFlagOfTests, "flag")
		}
	}
	return ""
}

// isFlagOfTests tells whether a test declares a flag.
func (c *commandCheck) isFlagOfTests(flag string) bool {
	for _, flags := range c.flags {
		if slices.Contains(flags, flag) {
			return true
		}
	}
	return flag == "h"
}

// flagsIn returns the names of the flags among arguments.
func flagsIn(args []string) []string {
	var found []string
	for _, arg := range args {
		if name, isFlag := strings.CutPrefix(arg, "-"); isFlag {
			name, _, _ = strings.Cut(strings.TrimPrefix(name, "-"), "=")
			found = append(found, name)
		}
	}
	return found
}
