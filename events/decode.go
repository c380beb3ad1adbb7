package events

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/phpform"
	"github.com/seed-a6e4e5a4/imbot/oauth"
)

// decoder makes an event of a form. It remembers the first thing that cannot be right.
type decoder struct {
	form   *phpform.Array
	strict bool // the event is one of this package, so its ids mean what we take them for
	err    *RequestError
}

// decode makes an event of a form. clientID is that of the handler's address.
func decode(form *phpform.Array, clientID string) (*Event, error) {
	name, _ := form.Text("event")
	if !isName(name) {
		return nil, malformed("there is no name of an event")
	}
	name = strings.ToUpper(name)
	d := &decoder{form: form}
	switch name {
	case JoinChat, MessageAdd, BotDelete, AppInstall, AppUninstall:
		d.strict = true
	}
	sent := moment(d.text("ts"))
	event := &Event{
		Name:             name,
		DialogID:         imbot.DialogID(d.param("DIALOG_ID")),
		ChatType:         cmp.Or(d.param("CHAT_TYPE"), d.param("MESSAGE_TYPE")),
		ChatAuthorID:     imbot.UserID(d.id("data", "PARAMS", "CHAT_AUTHOR_ID")),
		UserID:           d.user(name),
		Bots:             d.bots(name, sent),
		Auth:             tokenOf(form.Sub("auth"), sent),
		ApplicationToken: d.text("auth", "application_token"),
		MemberID:         d.text("auth", "member_id"),
		HandlerID:        d.text("event_handler_id"),
		Time:             sent,
		Values:           valuesOf(form),
	}
	if chat := imbot.ChatID(d.id("data", "PARAMS", "CHAT_ID")); event.ChatType != privateChat {
		event.ChatID = chat
	}
	if d.err != nil {
		return nil, d.err
	}
	if isSecond(name) {
		d.second(event)
	}
	commands := form.Sub("data", "COMMAND").Len()
	event.LeftOut = max(0, len(event.Bots)-maxParts, commands-maxParts)
	event.Bots = event.Bots[:min(len(event.Bots), maxParts)]
	for i := range event.Bots {
		if event.Bots[i].Token.AccessToken == "" {
			event.Bots[i].ClientID = clientID
		}
	}
	return event, nil
}

// privateChat is the type of a chat of two. Some events name its chat id, which no method for chats accepts.
const privateChat = "P"

// isName tells whether a text may be the name of an event. Names end up in logs and are compared with others.
func isName(s string) bool {
	const longest = 100
	valid := func(r rune) bool {
		return r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || strings.ContainsRune("_-.:", r)
	}
	return s != "" && len(s) <= longest && !strings.ContainsFunc(s, func(r rune) bool { return !valid(r) })
}

// text returns the text at the end of the keys, and "" where there is none.
func (d *decoder) text(keys ...string) string {
	text, _ := d.form.Text(keys...)
	return text
}

func (d *decoder) param(name string) string { return d.text("data", "PARAMS", name) }

// id returns the id at the end of the keys. PHP sends what it does not know as nothing, "" or "0".
func (d *decoder) id(keys ...string) int64 {
	value, found := d.form.Lookup(keys...)
	text, isText := value.Text()
	if !found || isText && (text == "" || text == "0") {
		return 0
	}
	id, ok := parseID(text)
	if !ok {
		d.fail(keys[len(keys)-1] + " is not an id")
	}
	return id
}

// fail notes what is wrong with the event, unless somebody else decides what is right for it.
func (d *decoder) fail(detail string) {
	if d.strict && d.err == nil {
		d.err = malformed(detail)
	}
}

// parseID reads a positive number in the one form that the portal has for it.
func parseID(text string) (int64, bool) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id <= 0 || strconv.FormatInt(id, 10) != text {
		return 0, false
	}
	return id, true
}

// user returns who added the bot, or who wrote.
func (d *decoder) user(event string) imbot.UserID {
	keys := []string{"USER_ID", "FROM_USER_ID"}
	if event == MessageAdd {
		keys = []string{"FROM_USER_ID", "AUTHOR_ID"}
	}
	for _, key := range keys {
		if id := d.id("data", "PARAMS", key); id != 0 {
			return imbot.UserID(id)
		}
	}
	return 0
}

// bots returns the bots that the event is for. The key of a bot is its id.
func (d *decoder) bots(event string, sent time.Time) []Bot {
	if event == BotDelete {
		id := d.id("data", "BOT_ID")
		if id == 0 {
			d.fail("BOT_ID is missing")
			return nil
		}
		return []Bot{{ID: imbot.BotID(id), Code: d.text("data", "BOT_CODE")}}
	}
	if isSecond(event) && d.id("data", "bot", "id") != 0 {
		bot := Bot{ID: imbot.BotID(d.id("data", "bot", "id")), Code: d.text("data", "bot", "code")}
		if token := tokenOf(d.form.Sub("data", "bot", "auth"), sent); token.AccessToken != "" {
			bot.Token = token
		}
		return []Bot{bot}
	}
	if event == CommandAdd && d.form.Sub("data", "BOT") == nil {
		return d.botsOfCommands(sent)
	}
	var bots []Bot
	for key, value := range d.form.Sub("data", "BOT").All() {
		id, ok := parseID(key)
		fields := value.Array()
		if !ok || fields == nil {
			d.fail("BOT has a key that is not an id, or a bot without fields")
			continue
		}
		code, _ := fields.Text("BOT_CODE")
		bots = append(bots, Bot{ID: imbot.BotID(id), Code: code, Token: botToken(fields, sent)})
	}
	slices.SortFunc(bots, func(a, b Bot) int { return cmp.Compare(a.ID, b.ID) })
	return bots
}

// botsOfCommands returns the bots whose commands were given, each once. A command has the fields of its bot.
func (d *decoder) botsOfCommands(sent time.Time) []Bot {
	var bots []Bot
	for _, value := range d.form.Sub("data", "COMMAND").All() {
		text, _ := value.Array().Text("BOT_ID")
		if id, ok := parseID(text); ok {
			code, _ := value.Array().Text("BOT_CODE")
			bots = append(bots, Bot{ID: imbot.BotID(id), Code: code, Token: botToken(value.Array(), sent)})
		}
	}
	slices.SortStableFunc(bots, func(a, b Bot) int { return cmp.Compare(a.ID, b.ID) })
	return slices.CompactFunc(bots, func(a, b Bot) bool { return a.ID == b.ID })
}

// botToken returns the token of a bot. It stands among the fields of the bot, or a level below, or in both places.
func botToken(fields *phpform.Array, sent time.Time) oauth.Token {
	for _, place := range []*phpform.Array{fields, fields.Sub("AUTH")} {
		if token := tokenOf(place, sent); token.AccessToken != "" {
			return token
		}
	}
	return oauth.Token{}
}

// tokenOf reads a token. Its numbers are texts, and one that cannot be read counts as not sent.
func tokenOf(fields *phpform.Array, sent time.Time) oauth.Token {
	text := func(key string) string {
		value, _ := fields.Text(key)
		return value
	}
	userID, _ := parseID(text("user_id"))
	return oauth.Token{
		AccessToken:    text("access_token"),
		RefreshToken:   text("refresh_token"),
		Expiry:         expiry(text("expires"), text("expires_in"), sent),
		ClientEndpoint: text("client_endpoint"),
		ServerEndpoint: text("server_endpoint"),
		MemberID:       text("member_id"),
		Domain:         text("domain"),
		Scope:          text("scope"),
		Status:         text("status"),
		UserID:         imbot.UserID(userID),
	}
}

// expiry returns when a token ends. Events come late, so the moment goes before the duration.
func expiry(at, in string, sent time.Time) time.Time {
	if end := moment(at); !end.IsZero() {
		return end
	}
	duration, ok := seconds(in)
	if !ok {
		return time.Time{}
	}
	if sent.IsZero() {
		sent = time.Now()
	}
	return sent.Add(time.Duration(duration) * time.Second).UTC()
}

// moment reads a Unix time, and returns the zero time where there is none.
func moment(text string) time.Time {
	unix, ok := seconds(text)
	if !ok {
		return time.Time{}
	}
	return time.Unix(unix, 0).UTC()
}

// seconds reads a positive number of seconds, which may have a fraction. More than a time.Duration holds is no number:
// it would be a moment that encoding/json refuses.
func seconds(text string) (int64, bool) {
	const most = 1 << 33
	number, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || !(number >= 1 && number < most) {
		return 0, false
	}
	return int64(number), true
}

// valuesOf lists the texts of a tree under the names by which PHP would reach them.
func valuesOf(form *phpform.Array) url.Values {
	count, size := textsOf(form, 0)
	l := lister{values: make(url.Values, count), texts: make([]string, 0, count)}
	l.names.Grow(size)
	l.add(make([]byte, 0, 128), form)
	return l.values
}

// textsOf counts the texts of a tree, and the bytes of their names, where the name of the tree has so many.
func textsOf(tree *phpform.Array, length int) (count, size int) {
	for key, value := range tree.All() {
		own := length + len(key)
		if length > 0 {
			own += len("[]")
		}
		if value.Array() == nil {
			count, size = count+1, size+own
			continue
		}
		below, bytes := textsOf(value.Array(), own)
		count, size = count+below, size+bytes
	}
	return count, size
}

// lister lists texts under their names. All names share a piece of memory, and so do all lists of one text.
type lister struct {
	values url.Values
	names  strings.Builder
	texts  []string
}

// add lists the texts of a tree that has a name, which it writes behind.
func (l *lister) add(prefix []byte, tree *phpform.Array) {
	for key, value := range tree.All() {
		name := prefix // the keys before have written behind it, which does not matter any more
		if len(prefix) > 0 {
			name = append(append(append(name, '['), key...), ']')
		} else {
			name = append(name, key...)
		}
		text, isText := value.Text()
		if !isText {
			l.add(name, value.Array())
			continue
		}
		start, at := l.names.Len(), len(l.texts)
		l.names.Write(name)
		l.texts = append(l.texts, text)
		l.values[l.names.String()[start:]] = l.texts[at : at+1 : at+1]
	}
}
