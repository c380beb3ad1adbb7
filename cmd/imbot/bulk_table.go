package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/seed-a6e4e5a4/imbot"
)

// tableOfOutcomes counts the chats by what came of them. It is the same for one run and for several that were cut short: what a
// killed run had done and not written down is found to be out by the next.
type tableOfOutcomes struct {
	counts map[entry]int
	total  int
}

// isOut is the row of all chats that the bot is out of, in whichever way.
var isOut = entry{outcome: "out of the chat"}

// open is the row of chats of which nothing is known.
var open = entry{outcome: "not done"}

func (o *outcomes) table(chats []imbot.ChatID) tableOfOutcomes {
	t := tableOfOutcomes{counts: map[entry]int{}, total: len(chats)}
	for _, id := range chats {
		row := o.last[id]
		switch {
		case row.isFinal() && row.outcome != refused:
			row = isOut
		case row.outcome == "" || row.outcome == isThere:
			row = open
		}
		t.counts[row]++
	}
	return t
}

// isOpen tells whether there is something to go on with.
func (t tableOfOutcomes) isOpen() bool {
	for row := range t.counts {
		if row != isOut && !row.isFinal() {
			return true
		}
	}
	return false
}

func (t tableOfOutcomes) allOut() bool { return t.counts[isOut] == t.total }

// rows are those with most chats first.
func (t tableOfOutcomes) rows() []entry {
	rows := make([]entry, 0, len(t.counts))
	for row := range t.counts {
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b entry) int {
		return cmp.Or(cmp.Compare(t.counts[b], t.counts[a]), cmp.Compare(a.outcome, b.outcome), cmp.Compare(a.code, b.code))
	})
	return rows
}

// tally is a table as JSON.
type tally struct {
	Chats    int         `json:"chats"`
	Out      int         `json:"out"`
	Outcomes string      `json:"outcomes"` // the file
	Rows     []tallyLine `json:"rows"`
}

// tallyLine is a row of a table as JSON.
type tallyLine struct {
	Count   int    `json:"count"`
	Outcome string `json:"outcome"`
	Code    string `json:"code,omitempty"`
	Hint    string `json:"hint,omitempty"`
}

func (t tableOfOutcomes) json(file string) tally {
	table := tally{Chats: t.total, Out: t.counts[isOut], Outcomes: file, Rows: []tallyLine{}}
	for _, row := range t.rows() {
		table.Rows = append(table.Rows, tallyLine{t.counts[row], row.outcome, row.code, row.hint()})
	}
	return table
}

// print writes the rows, those with most chats first, each with a hint below where there is something to do. No line is
// wider than the terminal.
func (t tableOfOutcomes) print(out io.Writer) {
	total := counted(t.total, "chat")
	number, _, _ := strings.Cut(total, " ")
	indent := strings.Repeat(" ", len(number)+2)
	for _, row := range t.rows() {
		name := row.outcome
		if row.code != "" {
			name += ": " + row.code
		}
		name = strings.ReplaceAll(wrapHard(few(name, 100), max(columns(out)-1-len(indent), 10)), "\n", "\n"+indent)
		fmt.Fprintf(out, "%-*d  %s\n", len(number), t.counts[row], name)
		if hint := row.hint(); hint != "" {
			fmt.Fprintln(out, wrap(indent+hint, columns(out)-1, indent))
		}
	}
	fmt.Fprintln(out, strings.Replace(total, " ", "  ", 1))
}
