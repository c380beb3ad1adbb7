package phpquery

import (
	"encoding/json"
	"iter"
	"strconv"
)

// Bounds is how much of a JSON object [Paths] yields.
type Bounds struct {
	MaxName int // bytes of a name with its brackets: it stands once in JSON, but before each value below it in a form
	MaxList int // elements of a list
}

// Paths yields the values of a JSON object as the texts of the form in which PHP would send it: true is "1", false "0",
// null "", and empty lists and objects are nothing. Each has the path that leads to it, which changes when the next one
// is asked for. Paths reports false for what is no object.
//
// What has more than 64 brackets, or goes beyond the bounds, is not yielded. leftOut counts it, with all that is in it
// once.
func Paths(object []byte, bounds Bounds, leftOut *int) (paths iter.Seq2[[]string, string], ok bool) {
	if !json.Valid(object) {
		return nil, false
	}
	s := scanner{json: string(object)}
	if s.next() != '{' {
		return nil, false
	}
	return func(yield func([]string, string) bool) {
		w := walker{scanner: s, bounds: bounds, leftOut: leftOut, yield: yield}
		w.members(make([]string, 0, maxBrackets+1), 0)
	}, true
}

// walker yields the values of what its scanner reads.
type walker struct {
	scanner

	bounds  Bounds
	leftOut *int
	yield   func(path []string, value string) bool
}

// members yields the members of the object or list at the position, whose name has so many bytes. It reports whether
// there may be more.
func (w *walker) members(path []string, length int) bool {
	isObject := w.next() == '{'
	w.pos++
	for place := 0; ; place++ {
		switch w.next() {
		case '}', ']':
			w.pos++
			return true
		case ',':
			w.pos++
			w.next()
		}
		var own string
		switch {
		case isObject:
			own = w.text()
			w.next() // the colon
			w.pos++
		case place >= w.bounds.MaxList:
			w.leaveOut()
			continue
		default:
			own = strconv.Itoa(place)
		}
		if !w.value(append(path, own), length+len(own)+len("[]")) {
			return false
		}
	}
}

// value yields the value at the position.
func (w *walker) value(path []string, length int) bool {
	c := w.next()
	isStructure := c == '{' || c == '['
	if length > w.bounds.MaxName || isStructure && len(path) > maxBrackets {
		w.leaveOut()
		return true
	}
	if isStructure {
		return w.members(path, length)
	}
	if c == '"' {
		return w.yield(path, w.text())
	}
	text := w.literal()
	switch text {
	case "true":
		text = "1"
	case "false":
		text = "0"
	case "null":
		text = ""
	}
	return w.yield(path, text)
}

// leaveOut goes past the value at the position.
func (w *walker) leaveOut() {
	*w.leftOut++
	w.skip()
}
