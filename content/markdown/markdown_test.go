package markdown_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/content"
	"github.com/seed-a6e4e5a4/imbot/content/markdown"
)

// In what is wanted, ~ is an indentation, and · an invisible character.
var pairs = map[string]struct{ source, want string }{
	"nothing":              {"", ""},
	"spaces":               {" \n\t\n", ""},
	"a word":               {"Hello", "Hello"},
	"paragraphs":           {"a\n\n\n\nb", "a\n\nb"},
	"soft and hard breaks": {"a\nb  \nc\\\nd", "a b\nc\nd"},
	"emphasis":             {"*a* **b** ***c*** _d_ __e__ ~~f~~ ~g~", "[i]a[/i] [b]b[/b] [b][i]c[/i][/b] [i]d[/i] [b]e[/b] [s]f[/s] [s]g[/s]"},
	"emphasis in emphasis": {"**a *b* c *d***", "[b]a [i]b[/i] c [i]d[/i][/b]"},
	"the same twice":       {"*a *b* c* **x**", "[i]a b c[/i] [b]x[/b]"},
	"emphasis over lines":  {"**a  \nb**", "[b]a[/b]\n[b]b[/b]"},
	"no emphasis":          {"2 * 3 * 4, snake_case_name, \\*a\\*", "2 * 3 * 4, snake_case_name, *a*"},
	"headings":             {"# A *b*\ntext\n\n### C ###\n\nD\n===\n", "[b]A [i]b[/i][/b]\ntext\n\n[b]C[/b]\n\n[b]D[/b]"},
	"a break":              {"a\n\n---\n\nb\n***\nc", "a\n\n──────────\n\nb\n──────────\nc"},
	"a list":               {"Say:\n- a\n- b\n\nc", "Say:\n• a\n• b\n\nc"},
	"a loose list":         {"* a\n\n* b", "• a\n\n• b"},
	"numbers":              {"3. a\n4. b\n\n2) c", "3. a\n4. b\n\n2) c"},
	"lists in lists":       {"- a\n  1. b\n     - c\n       - d\n       - e\n- f", "• a\n~1. b\n~~◦ c\n~~~▪ d\n~~~▪ e\n• f"},
	"a list at once":       {"- - a\n-\n- b", "• ◦ a\n• \n• b"},
	"more in an item":      {"- a\\\n  b\n\n  c\n\n  > d\n", "• a\n~b\n\n~c\n>>~d"},
	"tasks":                {"- [ ] a\n- [x] b\n- [y] c\n1. [X] d", "☐ a\n☑ b\n• [·y] c\n1. ☑ d"},
	"a quote":              {"> a\n> b\n\nc", ">>a b\nc"},
	"quotes":               {"> a\n>\n> b\n\n> c", ">>a\n>>\n>>b\n\n>>c"},
	"a quote in a quote":   {"> a\n> > b\n>\n> c", ">>a\n>>>>b\n>>c"},
	"a list in a quote":    {"> - a\n>   - b", ">>• a\n>>~◦ b"},
	"a quote in a list":    {"- > a\n- b", ">>• a\n• b"},
	"code":                 {"a\n\n```go\nx := a[0] [/b]\n\n  y\n```\nb", "a\n[code]x := a[0] [/b]\n\n  y[/code]\nb"},
	"indented code":        {"    a\n    [/code]", "[code]a\n[·/code][/code]"},
	"open code":            {"~~~\n*a*", "[code]*a*[/code]"},
	"empty code":           {"a\n\n```\n```\n\nb", "a\n\nb"},
	"code in a list":       {"1. a\n   ```\n   x\n   ```\n2. ```\n   y\n   ```", "1. a\n[code]x[/code]\n2. \n[code]y[/code]"},
	"code in a quote":      {"> a\n> ```\n> x\n> y\n> ```\n> b", ">>a\n>>[code]x\ny[/code]\n>>b"},
	"code in a line":       {"a `b` ``c`d`` **`e`**", "a `b` `c`d` [b]`e`[/b]"},
	"a link":               {"[a *b*](https://bot.example/?a=1&b=2 \"title\")", "[url=https://bot.example/?a=1&b=2]a [i]b[/i][/url]"},
	"a link in bold":       {"**a [b](https://bot.example/) c**", "[b]a [/b][url=https://bot.example/][b]b[/b][/url][b] c[/b]"},
	"two links":            {"[a](https://bot.example/)[b](https://bot.example/)", "[url=https://bot.example/]a[/url][url=https://bot.example/]b[/url]"},
	"a link by reference":  {"[a][x] [x]\n\n[x]: https://bot.example/", "[url=https://bot.example/]a[/url] [url=https://bot.example/]x[/url]"},
	"footnotes":            {"a[^1] [b][]\n\n[^1]: see\n[^2]: c\n\n[b]: https://bot.example/", "a[·^1] [url=https://bot.example/]b[/url]\n\n[·^1]: see [·^2]: c"},
	"a link that escapes":  {"[a](<https://bot.example/]b c&#93;>)", "[url=https://bot.example/%5Db%20c%5D]a[/url]"},
	"a page of the portal": {"[a](/company/)", "[url=/company/]a[/url]"},
	"no such link":         {"[a](javascript:alert(1)) **[b](//evil.example)** [c](mailto:d@bot.example) [e](f)", "a (javascript:alert(1)) [b]b (//evil.example)[/b] c (mailto:d@bot.example) e (f)"},
	"no text":              {"[](https://bot.example/a) [](x) [a]()", "[url=https://bot.example/a]https:·//bot.example/a[/url] x a"},
	"pictures":             {"![a *b*](https://bot.example/a.png) ![](https://bot.example/b.png)", "[url=https://bot.example/a.png]a [i]b[/i][/url] [url=https://bot.example/b.png]https:·//bot.example/b.png[/url]"},
	"a picture in a link":  {"[![a](https://bot.example/a.png)](https://bot.example/)", "[url=https://bot.example/]a[/url]"},
	"addresses":            {"<https://bot.example> see https://bot.example/a. <x@bot.example> x@bot.example www.bot.example", "[url=https://bot.example]https:·//bot.example[/url] see [url=https://bot.example/a]https:·//bot.example/a[/url]. x@bot.example x@bot.example [url=http://www.bot.example]www·.bot.example[/url]"},
	"no such address":      {"<ftp://bot.example/> <made-up:x>", "ftp://bot.example/ made-up:x"},
	"a table":              {"|a|bb|c|\n|:-|-:|:-:|\n|longer|**1**|x|\n|d|\n|[e](https://bot.example/)|`f\\|g`|<b>|more|", "[code]a                        |    bb |  c\n-------------------------+-------+----\nlonger                   |     1 |  x\nd                        |       |\ne (https://bot.example/) | `f|g` | <b>[/code]"},
	"a wide table":         {"a|b\n-|-\n名前|x\né|y", "[code]a    | b\n-----+--\n名前 | x\né    | y[/code]"},
	"HTML":                 {"<div>\n *a*\n\n</div> a <b>c</b> <!-- d -->", "<·div>\n *a*\n\n<·/div> a <·b>c<·/b> <!-- d -->"},
	"entities":             {"&amp; &copy; &#65; &#91;b&#93; \\&amp; &nosuch;", "& © A [·b] &·amp; &·nosuch;"},
	"codes":                {"[b]x[/b] a#BR#b [user=all]y[/user]", "[·b]x[·/b] a#·BR#b [·user=all]y[·/user]"},
	"codes in all":         {"**[/b]** [[/url]](https://bot.example/) `[b]`", "[b][·/b][/b] [url=https://bot.example/][·/url][/url] `[·b]`"},
	"a command":            {"/me *waves*", "/·me [i]waves[/i]"},
	"not UTF-8":            {"a\xffb\x00c", "a\ufffdb\ufffdc"},
	"ends of lines":        {"a\r\n\r\nb\rc", "a\n\nb c"},
}

func TestText(t *testing.T) {
	t.Parallel()
	for name, tt := range pairs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := strings.NewReplacer("\u200b", "·", "\u00a0\u00a0\u00a0\u00a0", "~").Replace(markdown.Text(tt.source).String())
			assert.Equal(t, tt.want, got)
			checkAll(t, tt.source)
			checkAll(t, repeated(tt.source))
		})
	}
}

// Text can be joined with other text, also where it begins or ends with a quote.
func TestText_isJoined(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "x\n>>a\ny", content.Join("x", markdown.Text("> a"), "y").String())
	assert.Equal(t, "[b]x[i]a[/i][/b]", content.Bold("x", markdown.Text("*a*")).String())
}

type example struct{ Markdown string }

// specification returns the examples of CommonMark, which are in the source of goldmark.
func specification(tb testing.TB) []example {
	tb.Helper()
	list := exec.CommandContext(tb.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/yuin/goldmark")
	dir, err := list.Output()
	require.NoError(tb, err)
	data, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "_test", "spec.json"))
	require.NoError(tb, err)
	var examples []example
	require.NoError(tb, json.Unmarshal(data, &examples))
	require.Greater(tb, len(examples), 600)
	return examples
}

func TestText_specification(t *testing.T) {
	t.Parallel()
	for _, e := range specification(t) {
		checkAll(t, e.Markdown)
	}
}

func TestText_hostile(t *testing.T) {
	t.Parallel()
	for _, source := range sources(t) {
		checkAll(t, source)
	}
}

func TestSplit(t *testing.T) {
	t.Parallel()
	const most = content.MaxTextLength
	word := func(n int) string { return strings.Repeat("x", n) }
	for name, tt := range map[string]struct {
		source string
		want   []string // how each part begins and ends
	}{
		"nothing":        {" \n&nbsp;\u200b\n", nil},
		"one":            {word(most), []string{"xxx…xxx"}},
		"at a paragraph": {"a\n\n" + word(15000) + "\n\nb " + word(8000) + "\n\nc", []string{"a\n\n…xxx", "b x…\n\nc"}},
		"at a list":      {word(15000) + "\n\n- b " + word(4000) + "\n- " + word(4000), []string{"xxx…xxx", "• b…xxx"}},
		"in a list":      {"- a " + word(11000) + "\n- b " + word(11000) + "\n- c", []string{"• a…xxx", "• b…• c"}},
		"after a heading": {
			word(15000) + "\n\n# b\n\n" + word(6000), []string{"xxx…xxx", "[b]…xxx"},
		},
		"in a word":  {"**" + word(25000) + "** y", []string{"[b]…/b]", "[b]…] y"}},
		"at a word":  {word(15000) + " y" + word(14999), []string{"xxx…xxx", "yxx…xxx"}},
		"at a line":  {word(15000) + "\\\ny" + word(14999), []string{"xxx…xxx", "yxx…xxx"}},
		"in a link":  {"[" + strings.Repeat("x*b*", 240) + "](https://bot.example/)\n\n" + word(25000), []string{"[ur…rl]", "xxx…xxx", "xxx…xxx"}},
		"in a quote": {"> " + word(15000) + " y" + word(9999), []string{">>x…xxx", ">>y…xxx"}},
		"in code":    {"```\n" + word(15000) + "\n  y " + word(14990) + "\n```", []string{"[co…de]", "[co…de]"}},
		"wide":       {strings.Repeat("я", 25000), []string{"яяя…яяя", "яяя…яяя"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, part := range markdown.Split(tt.source) {
				letters := []rune(part.String())
				got = append(got, string(letters[:3])+"…"+string(letters[len(letters)-3:]))
			}
			assert.Equal(t, tt.want, got)
			checkAll(t, tt.source)
		})
	}
	for _, joined := range []string{"👩\u200d💻", "e\u0301", "☝🏽", "❤\ufe0f"} {
		for offset := range 4 {
			emoji := markdown.Split(word(offset) + strings.Repeat(joined, 12000))
			require.NotEmpty(t, emoji)
			for i, part := range emoji[1:] {
				assert.True(t, strings.HasPrefix(part.String(), joined), "%d behind %d", i+1, offset)
			}
		}
	}
	code := markdown.Split("```\n" + word(15000) + "\n  y\n" + word(14990) + "\n```")
	require.Len(t, code, 2)
	assert.True(t, strings.HasSuffix(code[0].String(), "x\n  y[/code]"))
}

// One that is written to take hours takes no more than its length.
func TestSplit_takesNoTime(t *testing.T) {
	t.Parallel()
	size := 200_000
	if testing.Short() {
		size = 20_000
	}
	for _, unit := range []string{
		">", "- ", "* - + ", "*a ", "*a_ ", "*a **a ", "_a__a", "~a*", "[", "![", "[a](", "[a][", "![a](b)]", "![[]()", "`a``b", "` ``` a", "<a ",
		"<!--", "<?", "<a", "[a]: b\n", "[a]: b \"\n", "[a]\n\n", "|a", "|\n", "www.a(", "http://a(", "a_a.", "- a\n", "\n", "\\", "&amp;", "-\n",
		"```\n", ":aaaaaa", "a]", "](", "> a\n\n", "> a\n", "- a\n\n", "|`a\\|", "**a** `b` [c](https://bot.example/) ", "\t", "1. a\n", "x",
	} {
		for _, start := range []string{
			"", "- - - - - - - - - - - - - - - - x\n", "[a]: https://bot.example/" + word20k + "\n\n", "|a|b|\n|-|-|\n", word20k + "|\n",
		} {
			began := time.Now()
			parts := markdown.Split(start + strings.Repeat(unit, size/len(unit)))
			assert.Less(t, time.Since(began), 20*time.Second, "%q after %.20q", unit, start) // it takes less than one
			for _, part := range parts {
				require.NoError(t, content.CheckText(part.String()))
			}
		}
	}
	deep := markdown.Text(strings.Repeat("> ", 20) + "a").String()
	assert.Equal(t, strings.Repeat(">>", 12)+strings.Repeat("> ", 8)+"a", deep)
}

var word20k = strings.Repeat("y", 20000)
