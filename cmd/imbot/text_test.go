package main

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
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
			assert.True(t, one || utf8.RuneCountInString(line) <= columns, "%d columns: %q", columns, line)
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
		assert.Less(t, utf8.RuneCountInString(strings.TrimSuffix(line, "\n")), usualColumns)
	}
	assert.Contains(t, out.String(), "1      out of the chat\n12400  chats\n")
}
