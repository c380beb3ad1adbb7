package main

import (
	"io"
	"regexp"
	"slices"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/internal/docs"
)

// flagInText is a flag that a page of this program names alone, as `--json`.
var flagInText = regexp.MustCompile("`--([a-z0-9-]+)[^`]*`")

// parserOf returns the parser of the command line, which does nothing but parse.
func parserOf(t *testing.T) *kong.Kong {
	t.Helper()
	parser, err := kong.New(new(commands), kong.Name("imbot"), kong.Writers(io.Discard, io.Discard), kong.Exit(func(int) {}),
		kong.Bind(new(process)))
	require.NoError(t, err)
	return parser
}

// mistakeIn returns what is wrong with a command of a page. What has a name alone is about the command, and not one that
// somebody would type.
func mistakeIn(t *testing.T, words []string) error {
	t.Helper()
	parser := parserOf(t)
	isCommand := func(node *kong.Node) bool { return node.Name == words[1] }
	if len(words) == 2 && slices.ContainsFunc(parser.Model.Children, isCommand) {
		return nil
	}
	_, err := parser.Parse(words[1:])
	return err
}

// TestDocs_commandsParse holds that the commands of this program which the documentation shows can be typed.
func TestDocs_commandsParse(t *testing.T) {
	t.Parallel()
	pages, err := docs.Pages("../..")
	require.NoError(t, err)
	blocks, err := docs.Comments("../..")
	require.NoError(t, err)
	all := docs.CommandsOf(blocks)
	known := map[string]bool{}
	for _, command := range parserOf(t).Model.Children {
		for _, flag := range command.Flags {
			known[flag.Name] = true
		}
	}
	for _, page := range pages {
		all = append(all, page.Commands()...)
		for i, line := range page.Lines {
			for _, match := range flagInText.FindAllStringSubmatch(line, -1) {
				if aboutThis := page.File == "docs/portal.md" || page.File == "cmd/imbot/README.md"; aboutThis {
					assert.True(t, known[match[1]], "%s:%d: there is no --%s", page.File, i+1, match[1])
				}
			}
		}
	}
	count := 0
	for _, command := range all {
		if command.Words[0] == "imbot" && len(command.Words) > 1 {
			count++
			assert.NoError(t, mistakeIn(t, command.Words), "%s:%d: %v", command.File, command.Line, command.Words)
		}
	}
	assert.Greater(t, count, 25)

	for _, wrong := range [][]string{{"imbot", "depart"}, {"imbot", "leave", "chat13", "--soon"}, {"imbot", "say", "--json"}} {
		require.Error(t, mistakeIn(t, wrong), "%v", wrong)
	}
}
