package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
)

// style has the colors, for light pages and for dark ones. Nothing depends on the color alone.
const style = `
svg { font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
.page { fill: #ffffff; } .band { fill: #f3f6fa; } .box { fill: #ffffff; stroke: #b9c4d0; } .beside { fill: #fffaf0; stroke: #d9c39a; }
.title { fill: #16202b; font-size: 19px; font-weight: 650; } .name { fill: #16202b; font-size: 15px; font-weight: 650; }
.duty { fill: #3a4856; font-size: 13px; } .label { fill: #52616f; font-size: 12px; } .in { fill: #6b7b8b; font-size: 12px; letter-spacing: .04em; }
.place { fill: #0b62a8; font-size: 12px; font-family: ui-monospace, SFMono-Regular, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.arrow { stroke: #52616f; stroke-width: 1.5; fill: none; } .head { fill: #52616f; } .back { stroke-dasharray: 5 3; }
.secret { stroke: #c2410c; stroke-width: 3; } .hot { fill: #c2410c; }
@media (prefers-color-scheme: dark) {
.page { fill: #0d1117; } .band { fill: #161c24; } .box { fill: #0d1117; stroke: #3d4957; } .beside { fill: #1d1a12; stroke: #5d5033; }
.title, .name { fill: #e8eef5; } .duty { fill: #b6c2ce; } .label { fill: #9aa8b6; } .in { fill: #8493a2; }
.place { fill: #79b8ff; } .arrow { stroke: #9aa8b6; } .head { fill: #9aa8b6; }
.secret { stroke: #ff9b6a; } .hot { fill: #ff9b6a; }
}
`

// svg draws what was laid out.
func (d *diagram) svg() []byte {
	var s canvas
	s.linef(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-labelledby="t">`, d.width, d.height, d.width, d.height)
	s.linef(`<title id="t">%s</title>`, escaped(d.title))
	s.linef(`<style>%s</style>`, style)
	s.linef(`<defs>`)
	s.head("head", "head", 11)
	s.head("secret", "head hot", 15)
	s.linef(`</defs>`)
	s.linef(`<rect class="page" width="%d" height="%d" rx="12"/>`, d.width, d.height)
	s.text("title", margin, margin+22, d.title)
	s.legend(d.width-margin, margin+22)
	for _, b := range d.bands {
		s.linef(`<rect class="band" x="%d" y="%d" width="%d" height="%d" rx="10"/>`, margin, b.top, d.width-2*margin, b.bottom-b.top)
		x, y := margin+bandName-8, (b.top+b.bottom)/2
		s.linef(`<text class="in" x="%d" y="%d" text-anchor="middle" transform="rotate(-90 %d %d)">%s</text>`, x, y, x, y, escaped(b.name))
	}
	for _, b := range d.boxes {
		s.box("box", b)
		for _, other := range b.beside {
			s.box("beside", other)
		}
	}
	for _, a := range d.arrows {
		s.arrow(a)
	}
	s.linef(`</svg>`)
	return s.Bytes()
}

// canvas collects the lines of a picture.
type canvas struct{ bytes.Buffer }

func (s *canvas) linef(format string, args ...any) { _, _ = fmt.Fprintf(s, format+"\n", args...) }

func (s *canvas) text(class string, x, y int, text string) {
	s.linef(`<text class="%s" x="%d" y="%d">%s</text>`, class, x, y, escaped(text))
}

// head defines the head of an arrow.
func (s *canvas) head(id, class string, size int) {
	s.linef(`<marker id="%s" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="%d" markerHeight="%d" markerUnits="userSpaceOnUse" orient="auto-start-reverse"><path class="%s" d="M0 1 10 5 0 9z"/></marker>`,
		id, size, size, class)
}

// legend says what the lines mean, up to a place on the right.
func (s *canvas) legend(right, y int) {
	for _, entry := range []struct {
		class, head, text string
		left              int
	}{
		{"arrow", "head", "there", 330},
		{"arrow back", "head", "back", 232},
		{"arrow secret", "secret", "with a secret", 138},
	} {
		x := right - entry.left
		s.linef(`<path class="%s" d="M%d %dh36" marker-end="url(#%s)"/>`, entry.class, x, y-5, entry.head)
		s.text("label", x+46, y-1, entry.text)
	}
}

func (s *canvas) box(class string, b *box) {
	s.linef(`<rect class="%s" x="%d" y="%d" width="%d" height="%d" rx="8"/>`, class, b.x, b.y, b.width, b.height)
	x, y := b.x+bandPadding, b.y+boxTop
	s.text("name", x, y, b.title)
	for _, line := range b.duty {
		y += lineHeight
		s.text("duty", x, y, line)
	}
	if b.place != "" {
		s.text("place", x, y+lineHeight, b.place)
	}
}

// arrow draws the way there as a line, and the way back as a dashed one.
func (s *canvas) arrow(a arrow) {
	class, ends := "arrow", `marker-end="url(#head)"`
	switch a.sign {
	case "<->":
		ends += ` marker-start="url(#head)"`
	case "=>":
		class, ends = "arrow secret", `marker-end="url(#secret)"`
	}
	switch {
	case a.sideways():
		y := a.to.y + a.to.height/2
		left, right := a.from.x+a.from.width, a.to.x
		s.linef(`<path class="%s" d="M%d %dH%d" %s/>`, class, left+2, y, right-2, ends)
		s.linef(`<text class="label" x="%d" y="%d" text-anchor="middle">%s</text>`, (left+right)/2, y-8, escaped(a.label))
	case a.down():
		top, bottom := a.from.y+a.from.height, a.to.y
		s.linef(`<path class="%s" d="M%d %dV%d" %s/>`, class, downAt, top+1, bottom-1, ends)
		s.text("label", downAt+labelOffset, (top+bottom)/2+4, a.label)
	default:
		top, bottom := a.to.y+a.to.height, a.from.y
		s.linef(`<path class="%s back" d="M%d %dV%d" %s/>`, class, upAt, bottom-1, top+1, ends)
		s.text("label", upAt+labelOffset, (top+bottom)/2+4, a.label)
	}
}

func escaped(text string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(text)) // a Buffer takes everything
	return b.String()
}
