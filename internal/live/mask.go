package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// mask makes JSON that says nothing of people and secrets. It shows what is known to be harmless, by the lists in
// known.go, and something else for all the rest: a placeholder for an id, which is the same each time, and for other
// values of what kind they are.
type mask struct {
	ids   map[string]string // placeholders, by what they stand for
	count map[string]int    // placeholders of a kind
	own   map[string]bool   // texts that this program sends
}

func newMask() *mask {
	m := &mask{ids: map[string]string{}, count: map[string]int{}, own: map[string]bool{}}
	for _, text := range ownTexts {
		m.own[text] = true
	}
	return m
}

// place is where a value stands.
type place struct {
	key    string // of the value, or of the list that it is in; plain
	parent string // the same of the object around it
	depth  int    // in objects
	level  int    // in objects and lists
	method string // whose answer it is in; empty for a request
}

// json masks a JSON text, and keeps the order of its members. What is no JSON is only counted.
func (m *mask) json(method string, text []byte) string {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var masked, indented bytes.Buffer
	err := m.value(decoder, &masked, place{method: method})
	if err == nil && !decoder.More() && json.Indent(&indented, masked.Bytes(), "", "  ") == nil {
		return indented.String()
	}
	return fmt.Sprintf("(not JSON: %d bytes)", len(text))
}

func (m *mask) value(d *json.Decoder, out *bytes.Buffer, at place) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	switch token := token.(type) {
	case json.Delim:
		return m.nested(d, out, at, token)
	case string:
		out.Write(quoted(m.text(token, at)))
	case json.Number:
		out.WriteString(m.number(token.String(), at))
	default: // true, false and null tell nothing
		shown, err := json.Marshal(token)
		out.Write(shown)
		return err
	}
	return nil
}

// nested masks a list or an object.
func (m *mask) nested(d *json.Decoder, out *bytes.Buffer, at place, open json.Delim) error {
	const deepest = 100
	if at.level > deepest {
		return errTooDeep
	}
	at.level++
	out.WriteString(open.String())
	for first := true; d.More(); first = false {
		if !first {
			out.WriteByte(',')
		}
		inner := at
		if open == '{' {
			key, err := d.Token()
			if err != nil {
				return err
			}
			name, _ := key.(string)
			out.Write(quoted(m.key(name)))
			out.WriteByte(':')
			inner = place{key: plain(name), parent: at.key, depth: at.depth + 1, level: at.level, method: at.method}
		}
		if err := m.value(d, out, inner); err != nil {
			return err
		}
	}
	closing, err := d.Token()
	if err != nil {
		return err
	}
	end, _ := closing.(json.Delim)
	out.WriteString(end.String())
	return nil
}

var errTooDeep = errors.New("nested too deep")

// key returns the name of a member, if it is one of the documented.
func (m *mask) key(name string) string {
	if keys[name] || name == "" {
		return name
	}
	return m.placeholder("KEY", name)
}

// text returns what is shown of a text.
func (m *mask) text(text string, at place) string {
	id, isID := m.idKind(at)
	switch {
	case secretKeys[at.key]:
		return "(secret)"
	case text == "", text == "{}", text == "[]", m.own[text]:
		return text
	case at.depth == 1 && at.key == "error":
		return words(text, codeWord, codeWords)
	case at.key == "errordescription" || at.depth == 1 && at.key == "error":
		return words(text, word, textWords)
	case at.parent == "time" && at.depth == 2 && timeKeys[at.key] && date.MatchString(text):
		return text
	case enumKeys[at.key] && enums[text]:
		return text
	case at.key == "code":
		return m.placeholder("CODE", text)
	case at.key == "color" && color.MatchString(text):
		return text
	case at.key == "dialogid" && chatName.MatchString(text):
		return m.placeholder("CHAT", text[len("chat"):])
	case isID && whole.MatchString(text):
		return m.placeholder(id, text)
	case date.MatchString(text):
		return digit.ReplaceAllString(text, "0")
	}
	return fmt.Sprintf("(text, %d characters)", utf8.RuneCountInString(text))
}

// number returns what is shown of a number. A placeholder for one begins with #.
func (m *mask) number(number string, at place) string {
	id, isID := m.idKind(at)
	const enough = 6
	switch {
	case number == "0", at.parent == "time" && at.depth == 2 && timeKeys[at.key]:
		return number
	case isID && whole.MatchString(number):
		return `"#` + m.placeholder(id, number) + `"`
	case countKeys[at.key] && len(number) <= enough:
		return number
	}
	return `"(number)"`
}

// idKind returns of what kind an id at a place is.
func (m *mask) idKind(at place) (kind string, ok bool) {
	switch {
	case at.key == "id":
		kind, ok = idParents[at.parent]
	case at.key == "result" && at.depth == 1:
		kind, ok = idResults[at.method]
	default:
		kind, ok = idKeys[at.key]
	}
	return kind, ok
}

// placeholder returns what stands for a value of a kind. Bots are users, too, and have one for both.
func (m *mask) placeholder(kind, value string) string {
	space := kind
	if kind == "BOT" {
		space = "USER"
	}
	name, known := m.ids[space+" "+value]
	if !known {
		m.count[kind]++
		name = fmt.Sprintf("%s_%d", kind, m.count[kind])
		m.ids[space+" "+value] = name
	}
	return name
}

// plain returns a name in the form of the lists: the generations write botId, BOT_ID and bot_id.
func plain(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", "")) }

var (
	whole    = regexp.MustCompile(`^[1-9][0-9]{0,17}$`)
	chatName = regexp.MustCompile(`^chat[1-9][0-9]{0,17}$`)
	color    = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)
	date     = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)$`)
	digit    = regexp.MustCompile(`[0-9]`)

	codeWord = regexp.MustCompile(`[^_]+`)
	word     = regexp.MustCompile(`[^ .,!():]+`)
	gaps     = regexp.MustCompile(`…( …)+`)
)

// words returns a text in which all words that are not known are left out.
func words(text string, word *regexp.Regexp, known map[string]bool) string {
	shown := word.ReplaceAllStringFunc(text, func(w string) string {
		if known[w] {
			return w
		}
		return "…"
	})
	return gaps.ReplaceAllString(shown, "…")
}

// quoted returns a text as JSON.
func quoted(text string) []byte {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		return []byte(`""`)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}
