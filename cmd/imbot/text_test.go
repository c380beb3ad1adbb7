package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/rivo/uniseg"
	"github.com/stretchr/testify/assert"

	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

func TestCounted(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "0 chats", counted(0, "chat"))
	assert.Equal(t, "1 chat", counted(1, "chat"))
	assert.Equal(t, "2 chats", counted(2, "chat"))
}

// No word is broken, and none lost, at whatever width.
func TestWrap(t *testing.T) {
	t.Parallel()
	text := "5  refused: ACCESS_ERROR: it is forbidden to delete users of this чата,  by a portal"
	for columns := 10; columns < 100; columns++ {
		got := wrap(text, columns, "   ")
		assert.Equal(t, strings.Fields(text), strings.Fields(got))
		for i, line := range strings.Split(got, "\n") {
			assert.True(t, i == 0 || strings.HasPrefix(line, "   "), line)
			one := len(strings.Fields(line)) == 1
			assert.True(t, one || uniseg.StringWidth(line) <= columns, "%d columns: %q", columns, line)
		}
	}
	assert.Equal(t, text, wrap(text, len(text), "   "))
	assert.Equal(t, "  a\n  b", wrap("  a b", 3, "  "))
}

// A terminal is not left to break the lines, and what is no terminal gets them as they are.
func TestSay(t *testing.T) {
	t.Parallel()
	text := "one two three\nfour five six"
	var file bytes.Buffer
	say(&file, text)
	assert.Equal(t, text+"\n", file.String())

	terminal := &screen{width: 9}
	say(terminal, text)
	assert.Equal(t, "one two\nthree\nfour\nfive six\n", terminal.String())
}

// Every line of the table fits on a terminal of the usual width.
func TestTable_width(t *testing.T) {
	t.Parallel()
	counts := map[entry]int{isOut: 1, {outcome: unknown}: 12345}
	for _, refusal := range refusals {
		counts[entry{refused, refusal.code}] = 2
	}
	for code := range troubles {
		counts[entry{failed, code}] = 3
	}
	var out bytes.Buffer
	all := tableOfOutcomes{counts: counts, total: 12400}
	all.print(&out)
	for line := range strings.Lines(out.String()) {
		assert.Less(t, uniseg.StringWidth(strings.TrimSuffix(line, "\n")), usualColumns)
	}
	assert.Contains(t, out.String(), "1      out of the chat\n12400  chats\n")
}

// wideTexts take more columns than they have characters, and fewer than they have bytes: Chinese, Japanese and Korean
// text, emoji, among them a flag, a skin color and a family, which are several runes each, and letters with accents of
// their own.
var wideTexts = map[string]string{
	"Chinese":  strings.Repeat("你好世界，", 30),
	"Japanese": strings.Repeat("こんにちは ", 30),
	"Korean":   strings.Repeat("안녕하세요", 30),
	"emoji":    strings.Repeat("😀🚀", 60),
	"clusters": strings.Repeat("🇩🇪👍🏽❤️", 40),
	"accents":  strings.Repeat("e\u0301", 150),
}

// TestWidth holds how many columns terminals give to what is no Latin letter.
func TestWidth(t *testing.T) {
	t.Parallel()
	for text, columns := range map[string]int{"": 0, "abc": 3, "你好": 4, "한": 2, "😀": 2, "🇩🇪": 2, "👍🏽": 2, "e\u0301": 1, "чат": 3, "█…": 2} {
		assert.Equal(t, columns, width(text), text)
	}
}

// TestWrapHard_wide holds that a text of whatever characters fits, and that nothing of it is lost or taken apart.
func TestWrapHard_wide(t *testing.T) {
	t.Parallel()
	for name, text := range wideTexts {
		for columns := 2; columns < 100; columns++ {
			wrapped := wrapHard(text, columns)
			for line := range strings.Lines(wrapped) {
				assert.LessOrEqual(t, uniseg.StringWidth(strings.TrimSuffix(line, "\n")), columns, "%s: %q", name, line)
				assert.False(t, strings.HasPrefix(line, "\u0301"), "%s: an accent without its letter", name)
			}
			assert.Equal(t, strings.ReplaceAll(text, " ", ""), strings.NewReplacer("\n", "", " ", "").Replace(wrapped))
		}
		start := few(text, 30)
		assert.LessOrEqual(t, uniseg.StringWidth(start), 31, name)
		assert.Greater(t, uniseg.StringWidth(start), 28, name)
	}
	assert.Equal(t, "你\n好", wrapHard("你好", 1), "what is wider than a line stands alone")
}

// TestTable_wide holds that the columns of a table stand below each other, and that its rows fit, whatever is in them.
func TestTable_wide(t *testing.T) {
	t.Parallel()
	for name, text := range wideTexts {
		out := &screen{width: usualColumns}
		table(out, []string{"ID", "NAME", "KIND"}, [][]string{{"1", text, "user"}, {"2", text[:len(text)/3], "bot"}, {"3", "Latin", "user"}})
		assertFits(t, out.String(), usualColumns-1)
		lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
		before, _, found := strings.Cut(lines[0], "KIND")
		assert.True(t, found)
		for _, line := range lines[1:] {
			for _, kind := range []string{"user", "bot"} {
				if start, _, has := strings.Cut(line, kind); has {
					assert.Equal(t, uniseg.StringWidth(before), uniseg.StringWidth(start), "%s: %q", name, line)
				}
			}
		}
	}
}

// TestCommands_wide holds that what a portal has in its names and messages fits on a terminal of the usual width.
func TestCommands_wide(t *testing.T) {
	t.Parallel()
	for name, text := range wideTexts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)
			portal.AddBot(imbottest.Bot{ID: 60, Code: "wide", Name: text, ClientID: imbottest.ClientID, EventMode: "fetch"})
			portal.AddMember(imbottest.ChatGroup, 60, imbottest.Employee)
			portal.PostMessage(imbottest.ChatGroup, imbottest.Employee, text, 60)
			for _, args := range []string{"bots", "members 13 --names", "events --once --bot 60"} {
				got := call(t, asMain(portal), usualColumns, strings.Fields(args)...)
				assert.Equal(t, exitDone, got.code, got.err)
				assert.Contains(t, got.out, text[:3], args)
			}
		})
	}
}
