package main

import (
	"encoding/xml"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

const picture = "../../docs/terminal.svg"

// TestPicture holds that README's picture of a terminal shows what the program prints.
func TestPicture(t *testing.T) {
	t.Parallel()
	var lines []string
	show := func(typed, comment string, faults ...imbottest.Fault) {
		lines = append(lines, "", "$ imbot "+typed+comment)
		lines = append(lines, strings.Split(strings.TrimSuffix(onScreen(t, 80, typed, faults...), "\n"), "\n")...)
	}
	show("leave chat13", "")
	show("leave chat13", "   # and now the answer gets lost on its way", imbottest.LoseAfter())
	show("can-leave chat16", "")
	show("bulk --probe 1001-1100 --yes", "")
	drawn := draw(lines[1:])
	require.NoError(t, xml.Unmarshal([]byte(drawn), new(struct{ XMLName xml.Name })))
	if *update {
		require.NoError(t, os.WriteFile(picture, []byte(drawn), 0o644))
		return
	}
	committed, err := os.ReadFile(picture)
	require.NoError(t, err)
	assert.Equal(t, drawn, string(committed), "go test . -run TestPicture -update writes it")
}

// draw returns a picture of lines on a terminal of 80 columns.
func draw(lines []string) string {
	const width, height, top = 720, 20, 34
	var svg strings.Builder
	fmt.Fprintf(&svg, `<svg xmlns="http://www.w3.org/2000/svg" width="%[1]d" height="%[2]d" viewBox="0 0 %[1]d %[2]d">`+"\n",
		width, top+height*len(lines)+8)
	svg.WriteString(`<rect width="100%" height="100%" rx="8" fill="#161b22"/>` + "\n")
	svg.WriteString(`<g font-family="ui-monospace, Menlo, Consolas, monospace" font-size="14" fill="#e6edf3" xml:space="preserve">` + "\n")
	for i, line := range lines {
		if line == "" {
			continue
		}
		color := ""
		if strings.HasPrefix(line, "$ ") {
			color = ` fill="#7ee787"`
		}
		var text strings.Builder
		_ = xml.EscapeText(&text, []byte(line)) // a strings.Builder takes all
		fmt.Fprintf(&svg, `<text x="16" y="%d"%s>%s</text>`+"\n", top+height*i, color, &text)
	}
	svg.WriteString("</g>\n</svg>\n")
	return svg.String()
}
