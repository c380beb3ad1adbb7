package docs_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/internal/docs"
)

// What is wrong is found, and its place is told.
func TestCheckGo(t *testing.T) {
	t.Parallel()
	const code, end = "Words.\n\n```go\n", "```\n"
	tests := map[string]struct{ page, problem string }{
		"a fragment":            {code + "err := client.Chat.EnsureLeft(ctx, requests)\n" + end, "X.md:4: cannot use requests"},
		"an unknown name":       {code + "_ = ctx\nclient.Chat.Depart(ctx)\n" + end, "X.md:5: client.Chat.Depart undefined"},
		"an unknown variable":   {code + "_ = hook\n" + end, "X.md:4: undefined: hook"},
		"no Go":                 {code + "_ = ctx\nthis is not Go\n" + end, "X.md:5: expected ';', found is"},
		"a declaration":         {code + "func f() int {\n\treturn \"\"\n}\n" + end, "X.md:5: cannot use"},
		"broken in the middle":  {code + "func f() {\n\tif {\n}\n" + end, "X.md:5: missing condition"},
		"a whole file":          {code + "package main\n\nimport \"os\"\n\nfunc main() {}\n" + end, "X.md:6: \"os\" imported and not used"},
		"unused in a closure":   {code + "f := func() { n := 1 }\n" + end, "X.md:4: declared and not used: n"},
		"a name of its own":     {"<!-- given: hook string -->\n\n```go\nreturn hook\n" + end, "X.md:4: cannot use hook"},
		"given without a type":  {"<!-- given: hook -->\n```go\n_ = hook\n" + end, `X.md:3: given: "hook" is not NAME TYPE`},
		"given an unknown type": {"<!-- given: hook imbot.Hook -->\n```go\n_ = hook\n" + end, "X.md:3: undefined: imbot.Hook"},
		"a forgotten comment":   {"<!-- given: hook string -->\nWords.\n```go\n_ = hook\n" + end, "X.md:4: undefined: hook"},
		"the end is missing":    {code + "_ = hook\n", "X.md:4: undefined: hook"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			problems, err := docs.CheckGo(root, ".", docs.ReadPage("X.md", test.page).Blocks)
			require.NoError(t, err)
			require.NotEmpty(t, problems)
			assert.Contains(t, problems[0], test.problem)
		})
	}
}

func TestCheckGo_fine(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"given":              "<!-- given: hook string; n imbot.ChatID -->\n\n```go\nlog.Print(hook, n)\n```\n",
		"taken for granted":  "```go\n_, err := client.Chat.EnsureLeft(ctx, imbot.ChatLeaveRequest{})\n```\n",
		"unused, so far":     "```go\noutcome := 1\n```\n",
		"an error returned":  "```go\nif err != nil {\n\treturn err\n}\n```\n",
		"a whole file":       "```go\npackage main\n\nimport \"os\"\n\nfunc main() { os.Exit(1) }\n```\n",
		"another language":   "```json\n{\n```\n",
		"of a nested module": "```go\nstore := redisstore.NewStore(client, 13)\n```\n",
	}
	for name, page := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			problems, err := docs.CheckGo(root, ".", docs.ReadPage("X.md", page).Blocks)
			require.NoError(t, err)
			assert.Empty(t, problems)
		})
	}
}

func TestCheckCommands(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"make tidy\nmake nothing-of-that-kind":        "X.md:3: the Makefile knows no nothing-of-that-kind",
		"make bench NUMBER=1":                         "X.md:2: the Makefile knows no NUMBER",
		".ci/run lint paint":                          "X.md:2: .ci/run has no step paint",
		"go run ./examples/depart":                    "X.md:2: ./examples/depart is no program",
		"go run ./oauth":                              "X.md:2: ./oauth is no program",
		"go run ./examples/leave -chat 13 -user 7":    "X.md:2: -user is no flag of it",
		"cd examples\ngo run ./leave -nothing":        "X.md:3: -nothing is no flag of it",
		"cd example":                                  "X.md:2: there is no folder",
		"cd examples && go run ./depart":              "X.md:2: ./depart is no program",
		"HOOK=x go run -C examples ./leave \\\n-user": "X.md:3: -user is no flag of it",
		"go test ./nowhere/...":                       "X.md:2: there is no package ./nowhere/...",
		"go test -run TestNothing .":                  "X.md:2: -run TestNothing finds no test",
		"go test -run TestWebhook . -upgrade":         "X.md:2: -upgrade is no flag of it",
		"go get github.com/nobody/imbot":              "X.md:2: github.com/nobody/imbot is no module",
		"go fly":                                      "X.md:2: go fly is no command",
		"rm -rf .":                                    `X.md:2: "rm" is no command`,
	}
	for commands, problem := range tests {
		t.Run(commands, func(t *testing.T) {
			t.Parallel()
			problems := docs.CheckCommands(root, docs.ReadPage("X.md", "```sh\n"+commands+"\n```\n").Blocks)
			require.Len(t, problems, 1)
			assert.Contains(t, problems[0], problem)
		})
	}
	fine := "```\nmake tidy fuzz FUZZTIME=1s # a comment\n.ci/run lint race\n" +
		"BITRIX24_WEBHOOK_URL=https://… go run ./examples/leave -chat 13 | go run ./examples/oauth\n" +
		"go test -race -run TestMethods_readme ./internal/acceptance -update\ngo get github.com/seed-a6e4e5a4/imbot/redisstore\n```\n"
	assert.Empty(t, docs.CheckCommands(root, docs.ReadPage("X.md", fine).Blocks))
	nested := docs.Block{File: "examples/bulkleave/X.md", Line: 1, Text: "go run . --yes\ngo run . --user 7\n"}
	assert.Equal(t, []string{"examples/bulkleave/X.md:2: --user is no flag of it"}, docs.CheckCommands(root, []docs.Block{nested}))
	text := docs.ReadPage("X.md", "Then\n`make gold` it, `as usual`.\n")
	assert.Equal(t, []string{"X.md:2: the Makefile knows no gold"}, docs.CheckCommands(root, docs.InlineCommands(text)))
}

func TestCheckLinks(t *testing.T) {
	t.Parallel()
	page := docs.ReadPage("CHANGELOG.md", "# A heading: of `two` words\n[a](README.md) [b](nowhere.md)\n[c](#a-heading-of-two-words) [d](#another)\n"+
		"\n[e]: ../README.md\n[f](https://github.com/seed-a6e4e5a4/imbot/blob/main/nothing.txt) [g](https://portal.example/)\n<img alt=\"\" src=\"a.svg\">\n")
	assert.Equal(t, []string{
		"CHANGELOG.md:2: there is no nowhere.md",
		"CHANGELOG.md:3: CHANGELOG.md has no heading #another",
		"CHANGELOG.md:5: there is no ../README.md",
		"CHANGELOG.md:6: there is no nothing.txt",
		"CHANGELOG.md:7: there is no a.svg",
	}, docs.CheckLinks(root, []docs.Page{page}))
}
