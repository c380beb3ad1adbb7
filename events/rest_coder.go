package events

import (
	"encoding/binary"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/seed-a6e4e5a4/imbot/internal/redact"
	"github.com/seed-a6e4e5a4/imbot/oauth"
)

// restVersion is the version of the form at rest, which is its first number. A program reads no other.
const restVersion = 1

var (
	errShort   = errors.New("it ends too early")
	errLonger  = errors.New("there is something behind it")
	errVersion = errors.New("its version is another one")
)

// coder writes the parts of an event, or reads them into one, so that both ways have the same order. A number is a
// varint, and a text is its length and its bytes. Secrets are not among the parts.
type coder struct {
	reads bool
	rest  string // what is to be read
	err   error  // the first thing that went wrong with that

	data    []byte   // what is written
	secrets []string // what is masked in each text, longest first
	left    []string // secrets of fields that were not written
}

func (c *coder) event(e *Event) {
	version := restVersion
	if number(c, &version); version != restVersion {
		c.fail(errVersion)
	}
	text(c, &e.Name)
	number(c, &e.ChatID)
	text(c, &e.DialogID)
	text(c, &e.ChatType)
	number(c, &e.ChatAuthorID)
	number(c, &e.UserID)
	for i := range c.count(len(e.Bots)) {
		if c.err != nil {
			return
		}
		if c.reads {
			e.Bots = append(e.Bots, Bot{})
		}
		bot := &e.Bots[i]
		number(c, &bot.ID)
		text(c, &bot.Code)
		c.token(&bot.Token)
	}
	c.token(&e.Auth)
	text(c, &e.MemberID)
	text(c, &e.HandlerID)
	c.time(&e.Time)
	number(c, &e.LeftOut)
	if c.reads {
		e.Values = c.readValues()
	} else {
		c.writeValues(e.Values)
	}
}

// token has what is known of a token, without the token.
func (c *coder) token(t *oauth.Token) {
	c.time(&t.Expiry)
	text(c, &t.ClientEndpoint)
	text(c, &t.ServerEndpoint)
	text(c, &t.MemberID)
	text(c, &t.Domain)
	text(c, &t.Scope)
	text(c, &t.Status)
	number(c, &t.UserID)
}

func (c *coder) writeValues(values url.Values) {
	c.count(len(values))
	for name, texts := range values {
		text(c, &name)
		c.count(len(texts))
		isSecret := bringsSecret(name)
		for _, value := range texts {
			if isSecret {
				c.left = append(c.left, value)
				value = "" // the name stays, so that Fetched finds the same objects and lists
			}
			text(c, &value)
		}
	}
}

func (c *coder) readValues() url.Values {
	n := c.count(0)
	if n == 0 {
		return nil
	}
	values := make(url.Values, min(n, 2*maxElements))
	texts := make([]string, 0, min(n, 2*maxElements)) // all lists share it
	for range n {
		if c.err != nil {
			return nil
		}
		var name string
		text(c, &name)
		start := len(texts)
		for range c.count(0) {
			var value string
			text(c, &value)
			texts = append(texts, value)
		}
		values[name] = texts[start:len(texts):len(texts)]
	}
	return values
}

// count has the length of a list, which it returns. No list is longer than the bytes that are left.
func (c *coder) count(n int) int {
	number(c, &n)
	if c.reads && (n < 0 || n > len(c.rest)) {
		c.fail(errShort)
	}
	if c.err != nil {
		return 0
	}
	return n
}

// time has a moment in seconds and nanoseconds of Unix, behind a number that is zero for the zero time.
func (c *coder) time(t *time.Time) {
	isSet, seconds, nanoseconds := 0, t.Unix(), t.Nanosecond()
	if !t.IsZero() {
		isSet = 1
	}
	if number(c, &isSet); isSet == 0 {
		return
	}
	number(c, &seconds)
	number(c, &nanoseconds)
	if c.reads {
		*t = time.Unix(seconds, int64(nanoseconds)).UTC()
	}
}

func (c *coder) fail(err error) {
	if c.err == nil {
		c.err = err
	}
}

func number[N ~int | ~int64](c *coder, n *N) {
	if !c.reads {
		c.data = binary.AppendVarint(c.data, int64(*n))
		return
	}
	var buffer [binary.MaxVarintLen64]byte
	value, size := binary.Varint(buffer[:copy(buffer[:], c.rest)])
	if size <= 0 {
		c.fail(errShort)
		return
	}
	*n, c.rest = N(value), c.rest[size:]
}

func text[S ~string](c *coder, s *S) {
	if !c.reads {
		masked := string(*s)
		for _, secret := range c.secrets {
			masked = strings.ReplaceAll(masked, secret, redact.Mask)
		}
		number(c, new(len(masked)))
		c.data = append(c.data, masked...)
		return
	}
	n := c.count(0)
	*s, c.rest = S(c.rest[:n]), c.rest[n:]
}
