package main

import (
	"fmt"
	"unicode/utf8"
)

// What is where, in pixels.
const (
	margin       = 24
	titleHeight  = 52
	bandName     = 30 // where the name of a band stands, upright, left of its boxes
	bandPadding  = 14
	boxLeft      = margin + bandName + 16
	boxWidth     = 464
	besideLeft   = boxLeft + boxWidth + 140
	besideWidth  = 304
	boxTop       = 26 // from the top of a box to the foot of its title
	lineHeight   = 19
	boxBottom    = 13
	gap          = 40 // between boxes, for arrows
	textSize     = 13
	placeSize    = 12
	titleSize    = 15
	labelSize    = 12
	downAt       = boxLeft + 44
	upAt         = boxLeft + 262
	labelOffset  = 10
	labelDown    = upAt - downAt - 2*labelOffset
	labelUp      = boxLeft + boxWidth - upAt - labelOffset
	labelBetween = besideLeft - boxLeft - boxWidth - 8
)

// layOut gives everything its place, and finds what does not fit there.
func (d *diagram) layOut() error {
	y := margin + titleHeight
	for _, band := range d.bands {
		if len(band.boxes) == 0 {
			return fmt.Errorf("%d: band %q is empty", band.line, band.name)
		}
		band.top = y
		y += bandPadding
		for i, b := range band.boxes {
			if i > 0 {
				y += gap
			}
			if err := b.put(boxLeft, y, boxWidth); err != nil {
				return err
			}
			if err := b.putBeside(); err != nil {
				return err
			}
			y += b.height
		}
		y += bandPadding
		band.bottom = y
		if !fits(band.name, labelSize, band.bottom-band.top) {
			return fmt.Errorf("%d: %q is too long", band.line, band.name)
		}
		y += gap - 2*bandPadding
	}
	d.width = besideLeft + besideWidth + bandPadding + margin
	d.height = y - (gap - 2*bandPadding) + margin
	return d.checkLabels()
}

// put gives a box its place and the height that it needs.
func (b *box) put(x, y, width int) error {
	b.x, b.y, b.width = x, y, width
	b.height = boxTop + len(b.duty)*lineHeight + boxBottom
	if b.place != "" {
		b.height += lineHeight
	}
	inside := width - 2*bandPadding
	if !fits(b.title, titleSize, inside) {
		return fmt.Errorf("%d: %q is too long", b.line, b.title)
	}
	if utf8.RuneCountInString(b.place)*placeSize*62/100 > inside {
		return fmt.Errorf("%d: %q is too long", b.line, b.place)
	}
	for _, line := range b.duty {
		if !fits(line, textSize, inside) {
			return fmt.Errorf("%d: %q is too long", b.line, line)
		}
	}
	return nil
}

// putBeside gives the boxes beside one their places, and all of them together the same height.
func (b *box) putBeside() error {
	y := b.y
	for _, other := range b.beside {
		if err := other.put(besideLeft, y, besideWidth); err != nil {
			return err
		}
		y += other.height + bandPadding
	}
	if len(b.beside) == 0 {
		return nil
	}
	last := b.beside[len(b.beside)-1]
	b.height = max(b.height, last.y+last.height-b.y)
	last.height = b.y + b.height - last.y
	return nil
}

func (d *diagram) checkLabels() error {
	for _, a := range d.arrows {
		room := labelBetween
		switch {
		case a.sideways():
		case a.down():
			room = labelDown
		default:
			room = labelUp
		}
		if !fits(a.label, labelSize, room) {
			return fmt.Errorf("%d: %q is too long", a.line, a.label)
		}
	}
	return nil
}

// fits reports whether a text has room, in a font of the wider sort.
func fits(text string, size, room int) bool {
	return utf8.RuneCountInString(text)*size*55/100 <= room
}
