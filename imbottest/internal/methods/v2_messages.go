package methods

import (
	"regexp"
	"slices"
	"time"

	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

var v2Messages = []Method{
	{name: "imbot.v2.Chat.Message.send", exact: true, steps: []step{
		v2Bot,
		v2Dialog,
		optional{"fields", array},
		check(forwardIDs),
		v2Chat,
		v2MaySee,
		check(forwardedMessages),
		v2MayWrite,
		check(compose),
		check(replies),
		check(alreadyAtWork),
	}, act: sendMessage},
}

// draft is a message that is about to be written.
type draft struct {
	message  Message
	forwards []*Message // what is copied, before the message itself
	uuids    []string   // of the copies, "" for one without
	content  []byte     // of a file
}

const maxForwards = 100

var uuidForm = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

// forwardIDs checks the keys of the messages to forward, which are UUIDs. In a list they are none, and a list of one
// works nevertheless.
func forwardIDs(c *call) error {
	list, _ := c.fields().Get("forwardIds").(*php.Array)
	if list.Len() > maxForwards {
		return errTooManyMessages
	}
	for uuid := range list.All() {
		switch {
		case uuidForm.MatchString(uuid):
			c.draft.uuids = append(c.draft.uuids, uuid)
		case list.Len() == 1 && list.IsList():
			c.draft.uuids = append(c.draft.uuids, "")
		default:
			return errUUID
		}
	}
	return nil
}

// forwardedMessages finds the messages to forward.
func forwardedMessages(c *call) error {
	list, _ := c.fields().Get("forwardIds").(*php.Array)
	for _, value := range list.All() {
		message, err := c.readable(int(php.Intval(value)))
		if err != nil {
			return err
		}
		c.draft.forwards = append(c.draft.forwards, message)
		if message.Chat != c.draft.forwards[0].Chat {
			return errDifferentChats
		}
	}
	return nil
}

// readable finds a message that the bot may read.
func (c *call) readable(id int) (*Message, error) {
	message, known := c.world.message(id)
	switch {
	case !known:
		return nil, errMessageNotFound
	case !c.sees(c.world.room(message.Chat)):
		return nil, errV2Access
	}
	return message, nil
}

// compose reads the message itself.
func compose(c *call) error {
	fields, m := c.fields(), &c.draft.message
	m.Author, m.System = c.bot, isYes(fields.Get("system"))
	switch value := fields.Get("message").(type) {
	case nil:
	case string:
		m.Text = messageText(php.Trim(value))
	default:
		return errMessageType
	}
	if m.Text == "" && fields.Get("attach") == nil && len(c.draft.forwards) == 0 {
		return errMessageEmpty
	}
	if attach := fields.Get("attach"); attach != nil {
		if m.Attach = attachOf(attach); m.Attach == nil || !fits(m.Attach) {
			return errAttach
		}
	}
	if keyboard := fields.Get("keyboard"); keyboard != nil && !emptyArray(keyboard) {
		if m.Keyboard = keyboardOf(keyboard, int64(c.bot)); m.Keyboard == nil || !fits(m.Keyboard) {
			return errKeyboard
		}
	}
	if uuid := php.StringOf(fields.Get("templateId")); uuidForm.MatchString(uuid) && !m.System {
		m.UUID = uuid
	}
	return nil
}

func emptyArray(value any) bool {
	list, isArray := value.(*php.Array)
	return isArray && list.Len() == 0
}

// replies finds the message that the new one replies to.
func replies(c *call) error {
	id := int(php.Intval(c.fields().Get("replyId")))
	if id <= 0 {
		return nil
	}
	message, err := c.readable(id)
	switch {
	case err != nil:
		return err
	case message.Chat != c.chat.ID:
		return errReply
	}
	c.draft.message.ReplyTo = id
	return nil
}

// alreadyAtWork is that no other call is about to send the message, which the server cannot name before that is done.
func alreadyAtWork(c *call) error {
	if first, known := c.world.byUUID(c.draft.message.UUID); known && time.Now().Before(first.isStored) {
		return errSending.With("MESSAGE_DUPLICATED_BY_UUID", "Message is duplicated by UUID")
	}
	return nil
}

// writeOnce writes a message, unless one was sent with its UUID: that is not sent again, whatever it says and wherever
// it is.
func (c *call) writeOnce(m Message) int {
	first, known := c.world.byUUID(m.UUID)
	if known {
		return first.id
	}
	id := c.world.write(c.chat, m).ID
	if m.UUID != "" {
		now := time.Now()
		c.world.uuids[m.UUID] = sent{id, now, now.Add(c.caller.WorksFor)}
	}
	return id
}

// sendMessage writes the copies of what is forwarded, and then the message, if there is one besides.
func sendMessage(c *call) any {
	m := c.draft.message
	uuids := php.New()
	for i, source := range c.draft.forwards {
		from := Forwarded{ID: source.ID, UUID: forwardID(source), Chat: source.Chat, Author: source.Author, Date: source.Date}
		copied := c.writeOnce(Message{
			Author: c.bot, Text: source.Text, Attach: source.Attach, Files: slices.Clone(source.Files),
			UUID: c.draft.uuids[i], Forwarded: &from,
		})
		if uuid := c.draft.uuids[i]; uuid != "" {
			uuids.Set(uuid, copied)
		}
	}
	var id any
	if m.Text != "" || m.Attach != nil {
		if m.System && c.caller.App != "" && c.chat.Kind != Private {
			m.Text = "[B]" + c.caller.App + "[/B]\n" + m.Text
		}
		id = c.writeOnce(m)
	}
	return php.New().Set("id", id).Set("uuidMap", uuids)
}

// forwardID is what a copy shows as the id of its source.
func forwardID(source *Message) string {
	return string(source.Chat.DialogID()) + "/" + php.StringOf(int64(source.ID))
}
