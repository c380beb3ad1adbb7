package content_test

import (
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/content"
)

const zwsp = "\u200b"

// The scanner knows nothing of the package. It finds what a server or a client of Bitrix24 takes for more than letters.
var (
	tags = regexp.MustCompile(`(?i)\[/?(?:b|i|u|s|p|size|color|font|url|user|chat|dialog|context|code|icode|quote|img|` +
		`icon|put|send|call|pch|date|timestamp|disk|attach|source|br|hr|h1|h2|like|dislike|rating|list|table|tr|td|th|` +
		`video|nomodify|\*)(?:[ =][^\]]*)?\]`)
	marks = regexp.MustCompile(`(?i)#BR#|####|-{6}|\]\(|>>|</?[a-z][^>]*>|&#?[0-9a-z]+;|:[0-9a-f]{8}:|(?-i:\\[nt"\\])|` +
		`^[\s\x00\x{feff}]*/(?:me|loud)`)
	// The server makes a link of this, to the next white space.
	links = regexp.MustCompile(`(?i)(?:https?|ftp|tel)://[._:a-z0-9@-][^\s"{}]*|www\.[._:a-z0-9@-][^\s"{}]*`)
	// It does not end at white space behind these.
	boundLinks = regexp.MustCompile(`(?i)[(“‘«](?:(?:https?|ftp|tel)://|www\.)[._:a-z0-9@-]`)
)

// The server cuts these out before it looks for links.
var cutFirst = regexp.MustCompile(`(?i)\[(url|put|send)=[^\]]*\]`)

// scan returns the codes of a message, in order.
func scan(message string) []string {
	found := append(tags.FindAllString(message, -1), marks.FindAllString(message, -1)...)
	if tags.MatchString(message) {
		message = cutFirst.ReplaceAllString(message, "[$1]")
		for _, link := range links.FindAllString(message, -1) {
			if tags.MatchString(link) {
				found = append(found, "link with a code: "+link)
			}
		}
		found = append(found, boundLinks.FindAllString(message, -1)...)
	}
	return found
}

func letters(message string) string { return strings.ReplaceAll(message, zwsp, "") }

// turned returns what still turns the letters behind a text: "e" for each embedding, "i" for each isolate.
func turned(text string) (open string) {
	for _, r := range text {
		switch {
		case strings.ContainsRune("\u202a\u202b\u202d\u202e", r):
			open += "e"
		case strings.ContainsRune("\u2066\u2067\u2068", r):
			open += "i"
		case r == '\u202c':
			open = strings.TrimSuffix(open, "e")
		case r == '\u2069' && strings.Contains(open, "i"):
			open = open[:strings.LastIndex(open, "i")]
		}
	}
	return open
}

// unturned returns a text without what ends the turning of letters, which may be added to each part.
func unturned(text string) string {
	return strings.NewReplacer("\u202c", "", "\u2069", "").Replace(text)
}

// assertEnded holds that a text was escaped to the same letters, and that none behind it are turned.
func assertEnded(t *testing.T, text, escaped string) {
	t.Helper()
	added, found := strings.CutPrefix(letters(escaped), letters(text))
	assert.True(t, found, "the letters are others")
	assert.Empty(t, strings.Trim(added, "\u202c\u2069"))
	assert.LessOrEqual(t, utf8.RuneCountInString(added), len(turned(text)))
	assert.Empty(t, turned(escaped))
}

// hostile is what somebody else may have written.
var hostile = []string{
	"", "Hello, world!", "[b]x[/b]", "[/b]", "[URL=https://evil.example]bank[/URL]", "[user=all]all[/user]",
	"[send=/pay]ok", "[put=x]y[/put]", "[call=+1]x[/call]", "a[br]b#BR#c#br#d", ">>quoted\n>>>more\r\n>>>>", "> > >",
	strings.Repeat("-", 54), "[icon=https://evil.example/i.png size=100]",
	"[img size=large]https://evil.example/i.png [/img]", "[disk=1]", "[*]", "[[", "&#91;b&#93;x&#91;/b&#93;",
	"&lt;b&gt; &amp;amp;lt; AT&T; a&b=c&d", "<b>x</b><br />", "1 < 2", ":f09f938e::f09f938e:", "12:30:00",
	"####REPLACEMENT_MARK_0####", "####REPLACEMENT_PUT_1####", "/me waves", "/ME waves", "/Loud", " \n\ufeff/loud", "/meeting", "or /me",
	`C:\new\table\"`, "[bank](https://evil.example)", "](x)", "(https://evil.example)", "https://evil.example",
	"see https://evil.example?a=1&b=2#top now", "(https://evil.example", "www.evil.example",
	"https://evil.example[/b]", "[code]x[/code]", "[/code]", "[/url]", "]", "[", "#", "##", "&", ">", "-----", ":",
	"/", "b]", "lt;", "BR#", "me", "\x00[\x00b]", "\xff[b]\xfe", "[\u200bb]", "名前［1］", "[timestamp=1 format=X]",
	"[size=30]big[/size]", "[color=#ff0000]red[/color]", "[like]", "[rating=5]", "[context=chat1/2]x[/context]",
	"a\nb\n\nc", "\n", "javascript:alert(1)", "https://a.example(https://b.example c", "«https://a.example b",
	"(www.a.example b", "<абв", "\u202eevil", "\u2066\u202b[b]x\u202d", "\u202c\u2069a\u2067\u202a\u2069b", "\u2068a\u202c\u2069",
}

func FuzzEscape(f *testing.F) {
	for _, text := range hostile {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := content.Escape(text).String()
		assert.Empty(t, scan(got))
		assertEnded(t, text, got)
		assert.Equal(t, got, content.Join(content.Escape(text), content.Text{}, "").String())
	})
}

// Plain text does not become a code where it meets more of it, or codes.
func FuzzJoin(f *testing.F) {
	for i, text := range hostile {
		f.Add(text, hostile[(i+7)%len(hostile)])
		for _, halves := range []int{1, 2, 3} {
			if len(text) > halves {
				f.Add(text[:halves], text[halves:])
			}
		}
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		if turned(a+b) == "" && unturned(a+b) == a+b { // else each part is ended by itself
			assert.Equal(t, content.Escape(a+b).String(), content.Join(a, b).String())
			assert.Equal(t, content.Escape(a+b), content.Join(content.Escape(a), b))
		}

		italic := content.Italic("x", b, content.Underline("y"))
		got := content.Join(a, content.Bold(b), a, italic, b, content.Strike("z"), a).String()
		want := []string{"[i]", "[u]", "[/u]", "[/i]", "[s]", "[/s]"}
		plain := a + "[b]" + b + "[/b]" + a + "[i]x" + b + "[u]y[/u][/i]" + b + "[s]z[/s]" + a
		if b == "" {
			plain = a + a + "[i]x[u]y[/u][/i][s]z[/s]" + a
		} else {
			want = append([]string{"[b]", "[/b]"}, want...)
		}
		assert.Equal(t, want, scan(got))
		assert.Equal(t, unturned(letters(plain)), unturned(letters(got)))
		assert.Empty(t, turned(got))
	})
}

func FuzzFormat(f *testing.F) {
	for _, text := range hostile {
		f.Add(text)
	}
	oneLine := regexp.MustCompile(`\r\n|[\n\v\f\r\x{85}\x{2028}\x{2029}]`)
	f.Fuzz(func(t *testing.T, text string) {
		for _, tt := range []struct {
			text           content.Text
			start, end, in string
		}{
			{content.Bold(text), "[b]", "[/b]", text},
			{content.Italic(text), "[i]", "[/i]", text},
			{content.Underline(text), "[u]", "[/u]", text},
			{content.Strike(text), "[s]", "[/s]", text},
			{content.Link("https://bot.example/", text), "[url=https://bot.example/]", "[/url]", text},
			{content.Mention(27, text), "[USER=27]", "[/USER]", oneLine.ReplaceAllString(text, " ")},
			{content.ChatLink(13, text), "[CHAT=13]", "[/CHAT]", oneLine.ReplaceAllString(text, " ")},
			{content.Call("+1 (555) 01-02", text), "[call=+1 (555) 01-02]", "[/call]", oneLine.ReplaceAllString(text, " ")},
		} {
			got := tt.text.String()
			switch {
			case text == "" && (tt.start == "[b]" || tt.start == "[i]" || tt.start == "[u]" || tt.start == "[s]"):
				assert.Empty(t, got)
				continue
			case text == "" && tt.end == "[/url]":
				tt.in = "https://bot.example/"
			case strings.TrimSpace(text) == "" && tt.end == "[/call]":
				tt.in = "+1 (555) 01-02"
			}
			assert.Equal(t, []string{tt.start, tt.end}, scan(got))
			require.True(t, strings.HasPrefix(got, tt.start) && strings.HasSuffix(got, tt.end), got)
			assertEnded(t, tt.in, got[len(tt.start):len(got)-len(tt.end)])
		}
	})
}

func FuzzQuote(f *testing.F) {
	for _, text := range hostile {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if text == "" {
			assert.Empty(t, content.Quote(text).String())
			return
		}
		got := content.Join("before", content.Quote(text, content.Bold("x")), "after").String()
		lines := strings.Split(got, "\n")
		require.Equal(t, []string{"before", "after"}, []string{lines[0], lines[len(lines)-1]})
		var quoted []string
		for _, line := range lines[1 : len(lines)-1] {
			require.True(t, strings.HasPrefix(line, ">>"), got)
			quoted = append(quoted, line[2:])
		}
		inner := strings.Join(quoted, "\n")
		assert.Equal(t, []string{"[b]", "[/b]"}, scan("x"+inner)) // a /me would stand at the start of the message
		inner, isBold := strings.CutSuffix(inner, "[b]x[/b]")
		require.True(t, isBold, got)
		assertEnded(t, text, inner)
	})
}

func FuzzCode(f *testing.F) {
	for _, text := range hostile {
		f.Add(text)
	}
	inside := regexp.MustCompile(`(?i)\[/?(?:code|put|send)|####|:[0-9a-f]{8}:`)
	f.Fuzz(func(t *testing.T, text string) {
		if text == "" {
			assert.Empty(t, content.Code(text).String())
			return
		}
		got := content.Join(content.Code(text), "(x)").String()
		inner, ok := strings.CutSuffix(got, "[/code]"+zwsp+"(x)")
		require.True(t, ok, got)
		inner, ok = strings.CutPrefix(inner, "[code]")
		require.True(t, ok, got)
		assert.NotRegexp(t, inside, inner)
		assertEnded(t, text, inner)
	})
}

// A link leads to the address or is none.
func FuzzLink(f *testing.F) {
	for _, address := range append(
		hostile, "/company/personal/", "//evil.example/", `/\evil.example`, "https://bot.example/a[1]?b={c}&d='e'#f#g",
		"HTTPS://bot.example", "https://bot.example/&#91;/url&#93;", "https://bot.example/]x[/url]", "https://", "/a b",
		"http://[::1]/", "mailto:a@bot.example", "https://bot.example/ /", "https://bot.example/:f09f938e:", "//",
		"https://bot.example/#BR#", "https://bot.example/путь", " https://bot.example",
	) {
		f.Add(address)
	}
	form := regexp.MustCompile(`^\[url=((?:(?i:https?)://[^/?#]|/(?:[^/\\]|\]))[^\[\]]*|/)\]Site\[/url\]$`)
	f.Fuzz(func(t *testing.T, address string) {
		got := content.Link(address, "Site").String()
		found := scan(got)
		if len(found) == 0 {
			assert.Equal(t, "Site ("+unturned(letters(address))+")", unturned(letters(got)))
			assertEnded(t, address, content.Link(address).String())
			return
		}
		require.Len(t, found, 2)
		require.Regexp(t, form, got)
		target := form.FindStringSubmatch(got)[1]
		assert.NotRegexp(t, `[\s"'<>\x00-\x1f]|&#?[0-9A-Za-z]+;|#.*#`, target)
	})
}

// What is put, sent or called is what was asked for, by the patterns of Bitrix24's clients.
func FuzzAct(f *testing.F) {
	for i, text := range hostile {
		f.Add("/help me", text)
		f.Add(text, hostile[(i+3)%len(hostile)])
	}
	f.Add("", "")
	brackets := strings.NewReplacer("[", "［", "]", "］")
	oneLine := regexp.MustCompile(`\r\n|[\n\v\f\r\x{85}\x{2028}\x{2029}]`)
	f.Fuzz(func(t *testing.T, text, label string) {
		shown := label
		if strings.TrimSpace(label) == "" {
			shown = text
		}
		for tag, act := range map[string]func(string, string) content.Text{"put": content.Put, "send": content.Send} {
			got := act(text, label).String()
			if len(scan(got)) == 0 {
				assertEnded(t, shown, got)
				continue
			}
			outer := regexp.MustCompile(`(?i)\[` + tag + `(?:=(?:.+?))?\](?:.+?)?\[/` + tag + `\]`)
			inner := regexp.MustCompile(`(?i)\[` + tag + `(?:=(.+))?\](.+?)?\[/` + tag + `\]`)
			require.Equal(t, got, outer.FindString(got))
			match := inner.FindStringSubmatch(got)
			require.NotNil(t, match)
			assert.Equal(t, text, match[1])
			assertEnded(t, brackets.Replace(oneLine.ReplaceAllString(shown, " ")), match[2])
			assert.Empty(t, scan("x"+match[2]))
		}
	})
}

func TestText(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		text content.Text
		want string
	}{
		"nothing": {content.Text{}, ""},
		"any value": {
			content.Join("n=", 42, ", ", errors.New("no [b]"), nil),
			"n=42, no [" + zwsp + "b]<" + zwsp + "nil>",
		},
		"letters that are turned around": {
			content.Join("<", content.Escape("\u202eadmin"), "> ", content.Bold("\u2067\u202bx"), " \u2068a\u2069 ", "\u202d"),
			"<\u202eadmin\u202c> [b]\u2067\u202bx\u202c\u2069[/b] \u2068a\u2069 \u202d\u202c",
		},
		"nested": {content.Bold("a ", content.Italic("b"), " c"), "[b]a [i]b[/i] c[/b]"},
		"raw": {
			content.Join(content.Raw("[size=20]"), "[x]", content.Raw("[/size]")),
			"[size=20][" + zwsp + "x][/size]",
		},
		"a link of its own": {
			content.Link("https://bot.example/a"),
			"[url=https://bot.example/a]https:" + zwsp + "//bot.example/a[/url]",
		},
		"a page of the portal": {content.Link("/company/", "Company"), "[url=/company/]Company[/url]"},
		"an address with brackets": {
			content.Link("https://bot.example/?a[]=1;b&#91;", "x"),
			"[url=https://bot.example/?a%5B%5D=1;b&#91%3B]x[/url]",
		},
		"no address": {
			content.Link("javascript:alert(1)", content.Bold("x")),
			"[b]x[/b] (javascript:alert(1))",
		},
		"a mention by id":         {content.Mention(27, ""), "[USER=27][/USER]"},
		"a mention of nobody":     {content.Mention(0, "[x]"), "[" + zwsp + "x]"},
		"a quote":                 {content.Quote("a\nb"), ">>a\n>>b"},
		"text around a quote":     {content.Join("x", content.Quote("a"), "y"), "x\n>>a\ny"},
		"lines around a quote":    {content.Join("x\n", content.Quote("a"), "\ny"), "x\n>>a\ny"},
		"a quote in a quote":      {content.Quote(content.Quote("a")), ">>>>a"},
		"a quote after a quote":   {content.Join(content.Quote("a"), content.Quote("b")), ">>a\n>>b"},
		"codes in a quote":        {content.Quote(content.Raw("x\ny"), content.Code("a\nb")), ">>x\n>>y[code]a\nb[/code]"},
		"two quotes in a quote":   {content.Quote("x", content.Quote("a"), "y"), ">>x\n>>>>a\n>>y"},
		"code keeps its brackets": {content.Code("a[0] = b[i] [/CODE]"), "[code]a[0] = b[i] [" + zwsp + "/CODE][/code]"},
		"send with an emoji":      {content.Send("👨\u200d👩 :)", "x"), "[send=👨\u200d👩 :)]x[/send]"},
		"put":                     {content.Put("/find ", "Find"), "[put=/find ]Find[/put]"},
		"send without a label":    {content.Send("/help", ""), "[send=/help]/help[/send]"},
		"send with a bracket":     {content.Send("/a]b", "x"), "x"},
		"a label with brackets":   {content.Send("/a", "[1]\nx"), "[send=/a]［1］ x[/send]"},
		"call":                    {content.Call("+15550102", "us"), "[call=+15550102]us[/call]"},
		"no number":               {content.Call("1]x", "us"), "us"},
		"an address stays a link": {
			content.Join("see https://bot.example/ or ", content.Bold("x")),
			"see https://bot.example/ or [b]x[/b]",
		},
		"an address before a code":  {content.Bold("https://bot.example/"), "[b]https:" + zwsp + "//bot.example/[/b]"},
		"an address among brackets": {content.Escape("(https://bot.example/)"), "(https://bot.example/)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, tt.want, tt.text.String())
			encoded, err := json.Marshal(map[string]any{"text": tt.text})
			require.NoError(t, err)
			plain, err := json.Marshal(map[string]any{"text": tt.want})
			require.NoError(t, err)
			assert.JSONEq(t, string(plain), string(encoded))
		})
	}
}

// Parts that were joined do not change what they are used in afterwards.
func TestJoin_sharesNothing(t *testing.T) {
	t.Parallel()
	start := content.Join("a", content.Bold("b"), "c")
	one, two := content.Join(start, "1"), content.Join(start, "2")
	assert.Equal(t, "a[b]b[/b]c1", one.String())
	assert.Equal(t, "a[b]b[/b]c2", two.String())
	assert.Equal(t, "a[b]b[/b]c", start.String())
}

func TestScan(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "Hello, world!", "see https://bot.example/ and (www.bot.example)"} {
		assert.Empty(t, scan(text))
	}
	for _, text := range []string{
		"[b]x", "[URL=x]", "a#BR#", "a\n>>b", "&#91;", "[x](y)", "/me", "[b](www.a.example x",
	} {
		assert.NotEmpty(t, scan(text), text)
	}
	assert.Len(t, scan("[b]https://a.example[/b]"), 3)
}
