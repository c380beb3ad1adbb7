package main

import (
	"fmt"
	"slices"
	"strings"
)

// diagram is what a text describes.
type diagram struct {
	title  string
	bands  []*band
	boxes  []*box // of the spine, from top to bottom
	arrows []arrow

	width, height int
}

// band is a part of the spine, such as a package.
type band struct {
	name        string
	line        int
	boxes       []*box
	top, bottom int
}

// box is a station of the spine, or stands beside one.
type box struct {
	line   int
	title  string
	duty   []string
	place  string
	order  int
	beside []*box
	of     *box // which box it is beside, if it is

	x, y, width, height int
}

// arrow joins a box to its neighbor on the spine, or to the one beside it.
type arrow struct {
	from, to *box
	sign     string
	label    string
	line     int
}

// sideways reports whether the arrow leads to a box beside the other.
func (a *arrow) sideways() bool { return a.to.of == a.from }

// down reports whether the arrow leads down the spine.
func (a *arrow) down() bool { return a.from.order < a.to.order }

// parser reads a text line by line.
type parser struct {
	diagram
	named map[string]*box
	last  *box
	line  int
}

func parse(text string) (*diagram, error) {
	p := parser{named: map[string]*box{}}
	for i, line := range strings.Split(text, "\n") {
		p.line = i + 1
		if strings.HasPrefix(line, "#") || strings.TrimSpace(line) == "" {
			continue
		}
		if err := p.read(line); err != nil {
			return nil, fmt.Errorf("%d: %w", p.line, err)
		}
	}
	if len(p.boxes) == 0 {
		return nil, fmt.Errorf("%d: there is no box", p.line)
	}
	return &p.diagram, nil
}

func (p *parser) read(line string) error {
	if detail, ok := strings.CutPrefix(line, "\t"); ok {
		return p.addDetail(detail)
	}
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "title":
		p.title = rest
		return nil
	case "band":
		p.bands = append(p.bands, &band{name: rest, line: p.line})
		return nil
	case "box", "beside":
		return p.addBox(word, rest)
	default:
		return p.addArrow(line)
	}
}

func (p *parser) addDetail(detail string) error {
	if p.last == nil {
		return fmt.Errorf("%q is of no box", detail)
	}
	if place := strings.Trim(detail, "`"); place != detail {
		p.last.place = place
		return nil
	}
	p.last.duty = append(p.last.duty, detail)
	return nil
}

func (p *parser) addBox(kind, rest string) error {
	name, title, ok := strings.Cut(rest, ": ")
	if !ok {
		return fmt.Errorf("%s has no title", kind)
	}
	b := &box{line: p.line, title: title, order: len(p.boxes)}
	if kind == "beside" {
		station, own, _ := strings.Cut(name, " ")
		if b.of, name = p.named[station], own; b.of == nil {
			return fmt.Errorf("there is no box %s yet", station)
		}
		b.of.beside = append(b.of.beside, b)
	}
	switch {
	case p.named[name] != nil:
		return fmt.Errorf("there is a box %s already", name)
	case len(p.bands) == 0:
		return fmt.Errorf("box %s is in no band", name)
	}
	p.named[name], p.last = b, b
	if b.of != nil {
		return nil
	}
	p.boxes = append(p.boxes, b)
	current := p.bands[len(p.bands)-1]
	current.boxes = append(current.boxes, b)
	return nil
}

func (p *parser) addArrow(line string) error {
	ends, label, _ := strings.Cut(line, ": ")
	words := strings.Fields(ends)
	if len(words) != 3 || !slices.Contains([]string{"->", "<->", "=>"}, words[1]) {
		return fmt.Errorf("%q is neither a title, a band, a box nor an arrow", line)
	}
	a := arrow{from: p.named[words[0]], to: p.named[words[2]], sign: words[1], label: label, line: p.line}
	for i, b := range []*box{a.from, a.to} {
		if b == nil {
			return fmt.Errorf("there is no box %s", words[2*i])
		}
	}
	onSpine := a.from.of == nil && a.to.of == nil && (a.from.order-a.to.order == 1 || a.to.order-a.from.order == 1)
	if !onSpine && !a.sideways() {
		return fmt.Errorf("%s and %s are no neighbors", words[0], words[2])
	}
	p.arrows = append(p.arrows, a)
	return nil
}
