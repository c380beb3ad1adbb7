// Package phpquery writes JSON in the brackets in which PHP takes nested parameters from a query:
//
//	{"CHAT_ID":13,"USERS":[7,9],"FIELDS":{"color":"RED"}}
//	CHAT_ID=13&USERS[0]=7&USERS[1]=9&FIELDS[color]=RED
//
// PHP reads from the query what it reads from the JSON, except that every value is a text. What a query cannot carry is
// a problem: null, an empty list or object, a name that PHP changes, and more than PHP reads.
package phpquery

import (
	"encoding/json"
	"net/url"
	"strings"
	"unicode/utf8"
)

// How much of a query PHP reads, unless it is configured otherwise.
const (
	maxParams   = 1000 // max_input_vars
	maxBrackets = 64   // max_input_nesting_level, for each name
)

// Param is one name of a query, with its brackets, and the value. Neither is escaped.
type Param struct{ Name, Value string }

// Query is parameters in the order of the JSON.
type Query []Param

// Encode returns the query with names and values escaped.
func (q Query) Encode() string {
	length := 0
	for _, param := range q {
		length += len(param.Name) + len(param.Value) + len("&=")
	}
	var b strings.Builder
	b.Grow(length)
	for i, param := range q {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(url.QueryEscape(param.Name))
		b.WriteByte('=')
		b.WriteString(url.QueryEscape(param.Value))
	}
	return b.String()
}

// Problem is something that a query cannot carry.
type Problem struct {
	// Param is the parameter with its brackets, such as "FIELDS[color]", or empty if it is the object as a whole.
	Param string
	// Text says what is wrong with it, and repeats no value.
	Text string
}

// BoolText returns how true and false are written in a parameter, or false if they cannot be.
type BoolText func(param string, value bool) (text string, ok bool)

// Read makes a query of a JSON object. Of members with the same name it takes the last, as PHP does.
func Read(object []byte, boolText BoolText) (Query, *Problem) {
	w := writer{scanner: scanner{json: string(object)}, boolText: boolText, query: make(Query, 0, 8)}
	if !json.Valid(object) || !utf8.Valid(object) || hasLoneSurrogate(w.json) || w.next() != '{' {
		return nil, &Problem{Text: "is not a JSON object that PHP reads"}
	}
	if problem := w.members("", 0); problem != nil {
		return nil, problem
	}
	return w.query, nil
}

// writer makes a query of what its scanner reads.
type writer struct {
	scanner

	boolText BoolText
	query    Query
}

// members writes the members of the object or list at the position, whose own name is parent and has so many brackets.
func (w *writer) members(parent string, brackets int) *Problem {
	members, ok := w.split(maxParams)
	if !ok {
		return tooMany()
	}
	isTop := parent == ""
	for _, m := range members {
		name := m.name
		if !isTop {
			name = parent + "[" + name + "]"
		}
		if isChanged(m.name, isTop) {
			return &Problem{name, "has a name that PHP reads as another one"}
		}
		w.pos = m.pos
		if problem := w.value(name, brackets); problem != nil {
			return problem
		}
	}
	if len(members) == 0 && !isTop {
		return &Problem{parent, "is empty, and would be left out"}
	}
	return nil
}

// value writes the value at the position as a parameter whose name has so many brackets.
func (w *writer) value(name string, brackets int) *Problem {
	var text string
	switch c := w.next(); c {
	case '{', '[':
		if brackets == maxBrackets {
			return &Problem{Text: "has more than 64 levels below a parameter"}
		}
		return w.members(name, brackets+1)
	case 'n':
		return &Problem{name, "is null, and would become an empty text"}
	case 't', 'f':
		var ok bool
		if text, ok = w.boolText(name, c == 't'); !ok {
			return &Problem{name, "is true or false, and would become a text"}
		}
	case '"':
		text = w.text()
	default:
		text = w.literal()
	}
	if len(w.query) == maxParams {
		return tooMany()
	}
	w.query = append(w.query, Param{name, text})
	return nil
}

func tooMany() *Problem { return &Problem{Text: "has more than 1000 parameters"} }

// isChanged reports whether PHP makes something else of a name. At the top it is the name of a variable. Further in, a
// single space is as good as no name, which stands for the next number of a list.
func isChanged(name string, isTop bool) bool {
	switch {
	case name == "" || strings.ContainsAny(name, "[]\x00"):
		return true
	case isTop:
		return strings.ContainsAny(name, " .")
	default:
		return len(name) == 1 && strings.ContainsAny(name, " \t\n\v\f\r")
	}
}
