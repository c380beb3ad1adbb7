package docs_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/internal/docs"
)

// Mistakes are found, and reported with their line; what is fine has none.
func TestCheckGo(t *testing.T) {
	t.Parallel()
	const code, end = "Words.\n\n```go\n", "```\n"
	tests := map[string]struct{ page, problem string }{
		"a fragment":           {code + "err := client.Chat.EnsureLeft(ctx, requests)\n" + end, "X.md:4: cannot use requests"},
		"an unknown name":      {code + "_ = ctx\nclient.Chat.Depart(ctx)\n" + end, "X.md:5: client.Chat.Depart undefined"},
		"an unknown variable":  {code + "_ = hook\n" + end, "X.md:4: undefined: hook"},
		"no Go":                {code + "_ = ctx\nthis is not Go\n" + end, "X.md:5: expected ';', found is"},
		"a declaration":        {code + "func f() int {\n\treturn \"\"\n}\n" + end, "X.md:5: cannot use"},
		"a whole file":         {code + "package main\n\nimport \"os\"\n\nfunc main() {}\n" + end, "X.md:6: \"os\" imported and not used"},
		"unused in a closure":  {code + "f := func() { n := 1 }\n" + end, "X.md:4: declared and not used: n"},
		"given":                {"<!-- given: hook string -->\n\n```go\nreturn hook\n" + end, "X.md:4: cannot use hook"},
		"given, of no type":    {"<!-- given: hook imbot.Hook -->\n```go\n_ = hook\n" + end, "X.md:3: undefined: imbot.Hook"},
		"given to other code":  {"<!-- given: hook string -->\nWords.\n```go\n_ = hook\n" + end, "X.md:4: undefined: hook"},
		"the end is missing":   {code + "_ = hook\n", "X.md:4: undefined: hook"},
		"fine: given":          {"<!-- given: hook string; n imbot.ChatID -->\n\n```go\nlog.Print(hook, n)\n" + end, ""},
		"fine: given anew":     {"<!-- given: ctx string; requests []int -->\n```go\nlog.Print(len(ctx), requests[0])\n" + end, ""},
		"fine: variables":      {code + "_, err := client.Chat.EnsureLeft(ctx, imbot.ChatLeaveRequest{})\n" + end, ""},
		"fine: unused":         {code + "outcome := 1\n" + end, ""},
		"fine: error returned": {code + "if err != nil {\n\treturn err\n}\n" + end, ""},
		"fine: a whole file":   {code + "package main\n\nimport \"os\"\n\nfunc main() { os.Exit(1) }\n" + end, ""},
		"fine: another module": {code + "store := redisstore.NewStore(client, 13)\n" + end, ""},
		"fine: no Go":          {"```json\n{\n" + end, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			problems, err := docs.CheckGo(root, ".", docs.ReadPage("X.md", test.page).Blocks)
			require.NoError(t, err)
			if test.problem == "" {
				assert.Empty(t, problems)
			} else if assert.NotEmpty(t, problems) {
				assert.Contains(t, problems[0], test.problem)
			}
		})
	}
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
