package content

import (
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// Bold returns its parts in bold. Here and below, parts are what [Join] takes: plain text, or text with codes.
func Bold(parts ...any) Text { return enclose("[b]", "[/b]", Join(parts...)) }

// Italic returns its parts in italics.
func Italic(parts ...any) Text { return enclose("[i]", "[/i]", Join(parts...)) }

// Underline returns its parts underlined.
func Underline(parts ...any) Text { return enclose("[u]", "[/u]", Join(parts...)) }

// Strike returns its parts struck through.
func Strike(parts ...any) Text { return enclose("[s]", "[/s]", Join(parts...)) }

// Link returns a link to an address that starts with http:// or https://, or with one "/": a page of the portal.
// Without parts the address is shown. What would break out of the code is written as %5B and the like. Any other
// address, such as javascript:alert(1), is no link, but plain text in brackets behind the parts.
func Link(address string, parts ...any) Text {
	label := Join(parts...)
	target, ok := linkTarget(address)
	switch empty := len(label.parts) == 0; {
	case !ok && empty:
		return Escape(address)
	case !ok:
		return Join(label, " (", address, ")")
	case empty:
		label = Escape(address)
	}
	return enclose("[url="+target+"]", "[/url]", label)
}

// Mention returns a user's name that leads to the user, who is notified. With an empty name the portal fills it in. An
// id that is not positive leaves the name as plain text.
func Mention(userID int64, name string) Text { return refer("USER", userID, name) }

// ChatLink returns the title of a chat as a link to the chat. An id that is not positive leaves plain text.
func ChatLink(chatID int64, title string) Text { return refer("CHAT", chatID, title) }

func refer(tag string, id int64, name string) Text {
	label := Escape(oneLine(name))
	if id <= 0 {
		return label
	}
	return Join(Raw("["+tag+"="+strconv.FormatInt(id, 10)+"]"), label, Raw("[/"+tag+"]"))
}

// Quote returns its parts as a quote, each line behind ">>" but for those within a [Code]. It stands on lines of its
// own.
func Quote(parts ...any) Text {
	inner := Join(parts...).parts
	if len(inner) == 0 {
		return Text{}
	}
	quote := pieces{}.add(newLine, "").add(code, ">>")
	for i, p := range inner {
		switch {
		case p.kind == code && strings.HasPrefix(p.text, "[code]"): // clients take the whole block out of its line
			quote = quote.add(code, p.text)
		case p.kind == code:
			quote = quote.add(code, strings.ReplaceAll(p.text, "\n", "\n>>"))
		case p.kind == newLine && i > 0 && i < len(inner)-1:
			quote = quote.add(code, "\n>>")
		case p.kind == plain:
			for n, line := range strings.Split(p.text, "\n") {
				if n > 0 {
					quote = quote.add(code, "\n>>")
				}
				quote = quote.add(plain, line)
			}
		}
	}
	return Text{quote.add(newLine, "")}
}

// Code returns a block of program text, of one line or many, in which no code takes effect.
func Code(text string) Text {
	if text == "" {
		return Text{}
	}
	return Raw("[code]" + escapeCode(text) + "[/code]")
}

// Put returns a label that puts a text into the user's input field when it is pressed. An empty label shows the text.
// The text may have no "[", "]" or line break, and nothing else that [Escape] would part: with one of these, the label is
// plain text that does nothing. In the label, square brackets become wide ones, and line breaks spaces.
func Put(text, label string) Text { return act("put", text, label) }

// Send returns a label that sends a text, such as "/help", in the user's name when it is pressed. The rest is as in
// [Put].
func Send(text, label string) Text { return act("send", text, label) }

func act(tag, text, label string) Text {
	sayable := strings.TrimSpace(text) != "" && !unsayable.MatchString(text)
	if strings.TrimSpace(label) == "" {
		label = text
	}
	if !sayable {
		return Escape(label)
	}
	return enclose("["+tag+"="+text+"]", "[/"+tag+"]", Escape(wideBrackets.Replace(oneLine(label))))
}

// Call returns a label that calls a phone number when it is pressed. An empty label shows the number. A number has
// digits, spaces and any of "#()+./-"; with anything else in it, the label is plain text.
func Call(number, label string) Text {
	if strings.TrimSpace(label) == "" {
		label = number
	}
	if !phone.MatchString(number) {
		return Escape(label)
	}
	return enclose("[call="+number+"]", "[/call]", Escape(oneLine(label)))
}

// enclose puts a text between codes, unless there is none.
func enclose(start, end string, inner Text) Text {
	if len(inner.parts) == 0 {
		return inner
	}
	return Join(Raw(start), inner, Raw(end))
}

var (
	unsayable    = regexp.MustCompile(`(?i)[\[\]\p{Cc}\x{2028}\x{2029}]|###|#BR#|<br|:[0-9a-f]{6,}:|&#?[0-9a-z]+;`)
	phone        = regexp.MustCompile(`^[ #()+./-]*[0-9][0-9 #()+./-]*$`)
	wideBrackets = strings.NewReplacer("[", "\uff3b", "]", "\uff3d")
	entity       = regexp.MustCompile(`(&#?[0-9A-Za-z]+);`)
	emoji        = regexp.MustCompile(`:([0-9A-Fa-f]{6,})`)
	lineBreak    = regexp.MustCompile(`\r\n|[\n\v\f\r\x{85}\x{2028}\x{2029}]`)
)

func oneLine(text string) string { return lineBreak.ReplaceAllString(text, " ") }

// linkTarget returns an address as it may stand within a code, and whether there may be a link to it.
func linkTarget(address string) (target string, ok bool) {
	u, err := url.Parse(address)
	if err != nil {
		return "", false
	}
	web := (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
	path := strings.HasPrefix(address, "/") && !strings.HasPrefix(address, "//")
	if !web && !path || strings.ContainsAny(u.Host, "[]") {
		return "", false
	}
	var b strings.Builder
	fragment := false
	for _, r := range entity.ReplaceAllString(address, "$1%3B") {
		if !unicode.IsPrint(r) || strings.ContainsRune(" \"'<>[\\]^`{|}", r) || r == '#' && fragment {
			for _, c := range []byte(string(r)) {
				fmt.Fprintf(&b, "%%%02X", c)
			}
			continue
		}
		fragment = fragment || r == '#'
		b.WriteRune(r)
	}
	return emoji.ReplaceAllString(b.String(), "%3A$1"), true
}
