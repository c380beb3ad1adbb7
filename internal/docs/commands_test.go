package docs_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/internal/docs"
)

// What the documentation tells readers to type is there: programs with their flags, targets, steps, modules.
func TestCommandsExist(t *testing.T) {
	t.Parallel()
	pages, err := docs.Pages(root)
	require.NoError(t, err)
	blocks, err := docs.Comments(root)
	require.NoError(t, err)
	commands := docs.CommandsOf(blocks)
	for _, page := range pages {
		commands = append(commands, page.Commands()...)
	}
	assert.Greater(t, len(commands), 60)
	problems, err := docs.CheckCommands(root, commands)
	require.NoError(t, err)
	assert.Empty(t, problems)
}

func TestCheckCommands(t *testing.T) {
	t.Parallel()
	const code, end = "```sh\n", "```\n"
	tests := map[string]struct{ page, problem string }{
		"a program":                    {code + "go run ./examples/nobot\n" + end, "X.md:2: there is no ./examples/nobot"},
		"no program":                   {code + "go run ./internal/redact\n" + end, "X.md:2: there is no ./internal/redact"},
		"a flag":                       {code + "A=b go run ./examples/echobot -remove\n" + end, "X.md:2: there is no flag remove"},
		"a flag, in two lines":         {code + "go run \\\n  ./examples/echobot -remove # it\n" + end, "X.md:2: there is no flag remove"},
		"a module":                     {code + "go get " + modulePath + "/nostore\n" + end, "X.md:2: there is no module or program"},
		"what is to be installed":      {code + "go install " + modulePath + "/cmd/bot@latest\n" + end, "X.md:2: there is no module or program"},
		"tests":                        {code + "go test ./nothing/...\n" + end, "X.md:2: there is no ./nothing/..."},
		"a flag of tests":              {"Say `go test -v -args -deaths=200`.\n", "X.md:1: there is no flag deaths"},
		"a target":                     {code + "cd x && make nothing\n" + end, "X.md:2: there is no target nothing"},
		"a target, in a sentence":      {"Run `make nothing`.\n", "X.md:1: there is no target nothing"},
		"a step":                       {"Run `.ci/run lint nothing`.\n", "X.md:1: there is no step nothing"},
		"a script":                     {"Run `tools/nothing.sh --tag`.\n", "X.md:1: there is no script tools/nothing.sh"},
		"another program":              {code + "frobnicate\n" + end, "X.md:2: what is frobnicate?"},
		"fine: a program":              {code + "A=b go run ./examples/echobot -unregister\n" + end, ""},
		"fine: another program":        {"```\ncurl nothing\n" + end, ""},
		"fine: a module":               {code + "go get " + modulePath + " " + modulePath + "/redisstore\n" + end, ""},
		"fine: to be installed":        {code + "go install " + modulePath + "/cmd/imbot@latest\n" + end, ""},
		"fine: tests":                  {code + "go test -run X ./internal/... -args -h\n" + end, ""},
		"fine: targets and variables":  {code + "make lint race COUNT=3 # both\n" + end, ""},
		"fine: a step and a script":    {"`.ci/run lint`, `tools/release.sh --tag`, `go vet`\n", ""},
		"fine: the program":            {"`imbot nothing`\n", ""},
		"fine: for no shell":           {"```text\nfrobnicate\n" + end, ""},
		"fine: in the folder of a mod": {code + "go test ./...\n" + end, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			problems, err := docs.CheckCommands(root, docs.ReadPage("X.md", test.page).Commands())
			require.NoError(t, err)
			if test.problem == "" {
				assert.Empty(t, problems)
			} else if assert.Len(t, problems, 1) {
				assert.Contains(t, problems[0], test.problem)
			}
		})
	}
}
