package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rivo/uniseg"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

var update = flag.Bool("update", false, "write what the program prints into the documentation")

// guide is the page that shows what the program prints.
const guide = "../../docs/operating.md"

// shown is an output on that page: how wide the terminal is, what was typed, and what came of it.
var shown = regexp.MustCompile("(?s)<!-- imbot (\\d+): ([^\n]*) -->\n```text\n(.*?)```\n")

// TestGuide holds that the page shows what the program prints, on a terminal of 80 columns and on one of 120.
func TestGuide(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(guide)
	require.NoError(t, err)
	widths := map[int]int{}
	written := shown.ReplaceAllStringFunc(string(page), func(block string) string {
		parts := shown.FindStringSubmatch(block)
		columns, err := strconv.Atoi(parts[1])
		require.NoError(t, err)
		widths[columns]++
		printed := "$ imbot " + parts[2] + "\n" + onScreen(t, columns, parts[2])
		if parts[2] == "progress" {
			printed = progressOn(t, columns)
		}
		return strings.Replace(block, "```text\n"+parts[3], "```text\n"+printed, 1)
	})
	assert.GreaterOrEqual(t, widths[80], 5)
	assert.GreaterOrEqual(t, widths[120], 2)
	if *update {
		require.NoError(t, os.WriteFile(guide, []byte(written), 0o644))
		return
	}
	have := strings.Split(string(page), "\n")
	for i, line := range strings.Split(written, "\n") {
		require.Less(t, i, len(have))
		require.Equal(t, line, have[i], "line %d; go test . -run TestGuide -update writes it", i+1)
	}
}

// times are those of the clock, which are never the same.
var times = regexp.MustCompile(`\d\d:\d\d:\d\d`)

// onScreen is what a command prints on a portal with a few things in it.
func onScreen(t *testing.T, columns int, typed string, faults ...imbottest.Fault) string {
	t.Helper()
	portal := portalWith(t, 100)
	portal.Fault("imbot.chat.leave", faults...)
	portal.AddBot(imbottest.Bot{ID: 60, Code: "support", Name: "Support", ClientID: imbottest.ClientID, EventMode: "fetch"})
	portal.AddBot(imbottest.Bot{
		ID: 61, Code: "orders", ClientID: imbottest.ClientID,
		Name: "Tells where an order is, when it will come, and whom to ask if it does not, in all languages of our customers",
	})
	portal.AddMember(imbottest.ChatGroup, 60, imbottest.Employee)
	portal.PostMessage(imbottest.ChatGroup, imbottest.Employee, "Where is the order? It was to come on Monday, and nobody here knows anything about it.", 60)
	env := asMain(portal)
	args := strings.Fields(typed)
	if args[0] == "bulk" {
		args = append(args, "--outcomes", filepath.Join(t.TempDir(), "outcomes.csv"))
	}
	out, errs := &screen{width: columns}, new(bytes.Buffer)
	code := run(t.Context(), args, func(name string) string { return env[name] }, nil, streams{strings.NewReader(""), out, errs})
	if code != exitDone && args[0] != "bulk" && args[0] != "can-leave" {
		say(out, errs.String())
	}
	assertFits(t, out.String(), columns)
	assertNoSecrets(t, out.String())
	return times.ReplaceAllString(strings.TrimRight(out.String(), "\n")+"\n", "12:00:00")
}

// progressOn is what bulk shows while it works, and while the portal makes it wait.
func progressOn(t *testing.T, columns int) string {
	t.Helper()
	var printed strings.Builder
	synctest.Test(t, func(t *testing.T) {
		out := &screen{width: columns}
		p := leavingOn(out, 10000)
		p.refused = 217
		time.Sleep(90 * time.Second) // fake clock
		p.reached(done(4321))
		before := out.String()
		p.reached(imbot.LeaveProgress{Left: 4321, WaitUntil: time.Now().Add(8 * time.Minute)})
		lines := strings.Split(before, "\r")
		for _, line := range []string{lines[len(lines)-1], strings.TrimPrefix(out.String()[len(before):], "\r")} {
			line = strings.TrimRight(line, " ")
			assert.Less(t, uniseg.StringWidth(line), columns)
			printed.WriteString(times.ReplaceAllString(line, "12:00:00") + "\n")
		}
	})
	return printed.String()
}
