package methods

import (
	"slices"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// The following are what people do. Each of them returns what is to be posted because of it.

// Write puts a message into its chat and returns its id, and false if there is no such chat.
func (w *World) Write(m Message) (id int, raised Raised, known bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	in, known := w.chats[m.Chat]
	if !known {
		return 0, Raised{}, false
	}
	return w.write(in, m).ID, w.take(), true
}

// Reply puts a message into the chat of another one and returns its id, and false if there is no such message.
func (w *World) Reply(m Message) (id int, raised Raised, known bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	replied, known := w.message(m.ReplyTo)
	if !known {
		return 0, Raised{}, false
	}
	return w.write(w.room(replied.Chat), m).ID, w.take(), true
}

// Send puts a file into the chat of a message, in this message, and returns its id, and false if there is no such chat.
func (w *World) Send(m Message, name string, content []byte) (id int, raised Raised, known bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	in, known := w.chats[m.Chat]
	if !known {
		return 0, Raised{}, false
	}
	m.Files = []int64{w.keep(in, File{Author: m.Author, Name: name}, content).ID}
	return w.write(in, m).ID, w.take(), true
}

// Press presses the button with a text below a message, and returns false if there is no such button. A button with a
// command gives it, one that sends a text does so, and nothing is known of all others.
func (w *World) Press(id int, by imbot.UserID, text string) (raised Raised, known bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	m, known := w.message(id)
	if !known || m.Keyboard == nil {
		return Raised{}, false
	}
	for _, value := range m.Keyboard.All() {
		button, _ := value.(*php.Array)
		if button.Get("TEXT") != text {
			continue
		}
		in := w.room(m.Chat)
		command := w.commandOf(imbot.BotID(php.Intval(button.Get("BOT_ID"))), php.StringOf(button.Get("COMMAND")))
		switch {
		case button.Get("DISABLED") == "Y":
		case command != nil && w.reaches(command, in, by):
			w.command(in, m, commandCall{command, php.StringOf(button.Get("COMMAND_PARAMS"))}, "keyboard", by)
		case button.Get("ACTION") == "SEND":
			w.write(in, Message{Author: by, Text: php.StringOf(button.Get("ACTION_VALUE"))})
		}
		return w.take(), true
	}
	return Raised{}, false
}

// Edit changes the text of a message, and returns false if there is no such message.
func (w *World) Edit(id int, text string) (Raised, bool) {
	return w.change(id, func(in *room, m *Message) {
		m.Text = messageText(text)
		w.edited(in, m)
	})
}

// edited raises that a message was changed. In a group nothing is known of who did it, so that bots hear of what they
// change themselves. The caller holds mu.
func (w *World) edited(in *room, m *Message) {
	m.Edited = true
	audience := w.audience(in, m)
	w.address(in, m, MessageUpdated, audience)
	for _, id := range audience {
		w.raise(id, "ONIMBOTV2MESSAGEUPDATE", m.Author, w.about(php.New(), in, m, m.Author))
	}
	w.tell(in, "ONIMV2MESSAGEUPDATE", w.about(php.New(), in, m, m.Author))
}

// Erase deletes a message, and returns false if there is no such message.
func (w *World) Erase(id int) (Raised, bool) { return w.change(id, w.erase) }

// erase deletes a message. The caller holds mu.
func (w *World) erase(in *room, m *Message) {
	m.Deleted = true
	data := func(viewer imbot.UserID) *php.Array {
		return w.where(php.New().Set("messageId", m.ID), in, m.Author, viewer)
	}
	audience := w.audience(in, m)
	w.address(in, m, MessageDeleted, audience)
	for _, id := range audience {
		w.raise(id, "ONIMBOTV2MESSAGEDELETE", m.Author, data)
	}
	w.tell(in, "ONIMV2MESSAGEDELETE", data)
}

// React adds a reaction to a message, or takes it away, and returns false if there is no such message.
func (w *World) React(id int, by imbot.UserID, reaction string, add bool) (Raised, bool) {
	return w.change(id, func(in *room, m *Message) { w.react(in, m, by, reaction, add) })
}

// react raises that a reaction to a message was added or taken away, to the bot that has written the message. The
// caller holds mu.
func (w *World) react(in *room, m *Message, by imbot.UserID, reaction string, add bool) {
	action, same := "delete", func(other string) bool { return other == reaction }
	left := slices.DeleteFunc(slices.Clone(m.Reactions[by]), same)
	if add {
		action, left = "add", append(left, reaction)
	}
	if m.Reactions == nil {
		m.Reactions = make(map[imbot.UserID][]string)
	}
	if m.Reactions[by] = left; len(left) == 0 {
		delete(m.Reactions, by)
	}
	data := w.about(php.New().Set("reaction", reaction).Set("action", action), in, m, by)
	if author, isBot := w.bots[imbot.BotID(m.Author)]; isBot && !author.NoReactions && by != m.Author {
		w.raise(author.ID, "ONIMBOTV2REACTIONCHANGE", by, data)
	}
	w.tell(in, "ONIMV2REACTIONCHANGE", data)
}

func (w *World) change(id int, do func(in *room, m *Message)) (raised Raised, known bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	m, known := w.message(id)
	if known {
		do(w.room(m.Chat), m)
	}
	return w.take(), known
}

// Open opens the dialog with a bot for somebody who came by a link with a context, and returns false if there is no
// such bot.
func (w *World) Open(bot imbot.BotID, by imbot.UserID, context any) (raised Raised, known bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, known = w.bots[bot]; known {
		in := w.dialog(imbot.UserID(bot), by, by)
		if opened := w.bots[bot]; w.hears(opened, ContextGiven) {
			w.raised.Opened = append(w.raised.Opened, Opened{copyChat(in.Chat), opened, php.Value(context), by})
		}
		w.raise(bot, "ONIMBOTV2CONTEXTGET", by, func(viewer imbot.UserID) *php.Array {
			data := php.New().Set("dialogId", dialogOf(in, viewer)).Set("context", php.Value(context))
			return w.where(data, in, by, viewer)
		})
	}
	return w.take(), known
}

// Dialog returns the private chat of a bot and a user, which the user has opened if there is none.
func (w *World) Dialog(bot, user imbot.UserID) (imbot.ChatID, Raised) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.dialog(bot, user, user).ID, w.take()
}

// dialog returns the private chat of two, which is made if there is none. The caller holds mu.
func (w *World) dialog(one, other, by imbot.UserID) *room {
	if found := w.privateChat(one, other); found != nil {
		return found
	}
	made := w.create(Chat{Kind: Private, Owner: one, Members: []imbot.UserID{one, other}, Created: time.Now()})
	for _, member := range made.Members {
		if _, isBot := w.bots[imbot.BotID(member)]; isBot {
			w.joined(made, member, by)
		}
	}
	return made
}

// Join adds a member to a chat, and returns false if there is no such chat.
func (w *World) Join(id imbot.ChatID, member, by imbot.UserID) (raised Raised, known bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	in, known := w.chats[id]
	if known && !isIn(in, member) {
		in.Members = append(in.Members, member)
		if in.Kind != Private {
			w.say(in) // "joined the chat"
		}
		w.joined(in, member, by)
	}
	return w.take(), known
}

// DeleteBot forgets a bot and takes it out of all chats. It returns false if there is no such bot.
func (w *World) DeleteBot(id imbot.BotID, by imbot.UserID) (raised Raised, known bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, known = w.bots[id]; known {
		w.deleteBot(id, by)
	}
	return w.take(), known
}
