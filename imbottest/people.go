package imbottest

import (
	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/methods"
)

// PostMessage writes a message into a chat and returns its id. Bots are mentioned by the arguments, or in the text as
// [USER=39]Main bot[/USER]. To mention a bot that is not on the portal by an argument fails the test.
//
// In a private chat the message is for the bot there; elsewhere it is for the bots that are mentioned, and for those of
// the types personal and supervisor. They get ONIMBOTV2MESSAGEADD, and bots of the first generation ONIMBOTMESSAGEADD,
// of which those of one application share one. A message with a line that begins with a command, such as /help, is for
// the bot of the command alone, as ONIMBOTV2COMMANDADD or ONIMCOMMANDADD. It is for nobody if the command is one of the
// portal's own, such as /me.
func (p *Portal) PostMessage(chat imbot.ChatID, from imbot.UserID, text string, mentioned ...imbot.BotID) imbot.MessageID {
	p.hasBots("PostMessage", mentioned)
	id, known := p.server.PostMessage(methods.Message{Chat: chat, Author: from, Text: text, Mentioned: mentioned})
	if !known {
		p.reporter.Fatalf("imbottest: PostMessage: there is no chat %d, add it by AddChat first", chat)
	}
	return imbot.MessageID(id)
}

// PostReply writes a message that replies to another one, and returns its id. A bot of imbot.v2 that has written the
// other one hears of it without being mentioned. See [Portal.PostMessage] for the rest.
func (p *Portal) PostReply(message imbot.MessageID, from imbot.UserID, text string, mentioned ...imbot.BotID) imbot.MessageID {
	p.hasBots("PostReply", mentioned)
	id, known := p.server.PostReply(methods.Message{ReplyTo: int(message), Author: from, Text: text, Mentioned: mentioned})
	p.has("PostReply", message, known)
	return imbot.MessageID(id)
}

// PostFile writes a message with a file, and returns its id. See [Portal.PostMessage] for the rest.
func (p *Portal) PostFile(chat imbot.ChatID, from imbot.UserID, name string, content []byte) imbot.MessageID {
	id, known := p.server.PostFile(methods.Message{Chat: chat, Author: from}, name, content)
	if !known {
		p.reporter.Fatalf("imbottest: PostFile: there is no chat %d, add it by AddChat first", chat)
	}
	return imbot.MessageID(id)
}

// PressButton presses the button with a text below a message of a bot. Its command comes to the bot of the button, as
// ONIMBOTV2COMMANDADD or ONIMCOMMANDADD; a button that sends a text writes it into the chat. What other buttons do, and
// disabled ones, is nothing that the portal knows of.
func (p *Portal) PressButton(message imbot.MessageID, by imbot.UserID, text string) {
	if !p.server.PressButton(int(message), by, text) {
		p.reporter.Fatalf("imbottest: PressButton: message %d has no button %q", message, text)
	}
}

// EditMessage changes the text of a message, as its author does. The bots that the message is for now get
// ONIMBOTV2MESSAGEUPDATE. Bots of the first generation get ONIMBOTMESSAGEUPDATE, if they have an address for it: see
// [Portal.AddBot].
func (p *Portal) EditMessage(message imbot.MessageID, text string) {
	p.has("EditMessage", message, p.server.EditMessage(int(message), text))
}

// DeleteMessage deletes a message. The bots that the message was for get ONIMBOTV2MESSAGEDELETE. Bots of the first
// generation get ONIMBOTMESSAGEDELETE, if they have an address for it: see [Portal.AddBot].
func (p *Portal) DeleteMessage(message imbot.MessageID) {
	p.has("DeleteMessage", message, p.server.DeleteMessage(int(message)))
}

// AddReaction adds a reaction to a message, such as like. A bot of imbot.v2 that has written the message gets
// ONIMBOTV2REACTIONCHANGE.
func (p *Portal) AddReaction(message imbot.MessageID, by imbot.UserID, reaction string) {
	p.has("AddReaction", message, p.server.React(int(message), by, reaction, true))
}

// RemoveReaction takes a reaction away, as [Portal.AddReaction] adds it.
func (p *Portal) RemoveReaction(message imbot.MessageID, by imbot.UserID, reaction string) {
	p.has("RemoveReaction", message, p.server.React(int(message), by, reaction, false))
}

// OpenDialog opens the private chat with a bot, as a link with a context does; it is made if there is none. The bot gets
// ONIMBOTV2CONTEXTGET with the context, which is whatever JSON can hold. A bot of the first generation gets
// ONIMBOTCONTEXTGET, if it has an address for it: see [Portal.AddBot].
func (p *Portal) OpenDialog(bot imbot.BotID, by imbot.UserID, context any) {
	if !p.server.OpenDialog(bot, by, context) {
		p.reporter.Fatalf("imbottest: OpenDialog: there is no bot %d, add it by AddBot first", bot)
	}
}

// hasBots fails the test if one of the bots that somebody mentions is not there, as by a slip in its number.
func (p *Portal) hasBots(method string, mentioned []imbot.BotID) {
	for _, bot := range mentioned {
		if _, known := p.server.World.Bot(bot); !known {
			p.reporter.Fatalf("imbottest: %s: there is no bot %d, add it by AddBot first", method, bot)
		}
	}
}

// has fails the test if there was no message for a method.
func (p *Portal) has(method string, message imbot.MessageID, known bool) {
	if !known {
		p.reporter.Fatalf("imbottest: %s: there is no message %d", method, message)
	}
}

// SetNextEventID sets the number that the next event to be fetched gets. All bots and users share one line of numbers,
// which begins at 1001. A lower number is what comes of a portal that was restored: an offset that a client has kept is
// ahead of it then, and deletes what it has not seen.
func (p *Portal) SetNextEventID(id int64) { p.server.World.SetNextEvent(int(id)) }
