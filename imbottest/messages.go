package imbottest

import (
	"encoding/json"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/methods"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// Message is what a user or a bot has written into a chat.
type Message struct {
	// ID is the message's id. The portal counts its messages over all chats.
	ID imbot.MessageID
	// ChatID is the chat that the message is in.
	ChatID imbot.ChatID
	// Author is who has written the message: a user, or the user of a bot.
	Author imbot.UserID
	// Text is the text, as the server keeps it.
	Text string
	// System tells that the message is shown as one of the portal.
	System bool
	// Keyboard are the buttons below the message that the server has kept, as a JSON list, nil if there are none.
	Keyboard json.RawMessage
	// Attach is the attachment that the server has kept, as a JSON list of one, nil if there is none.
	Attach json.RawMessage
	// Menu is the menu of the message, which imbot.message.add knows, as a JSON list of its items, nil if there is none.
	Menu json.RawMessage
	// ReplyTo is the id of the message that this one replies to, 0 if there is none.
	ReplyTo imbot.MessageID
	// Forwarded is the id of the message that this one is a copy of, 0 if it is none.
	Forwarded imbot.MessageID
	// Files are the files of the message.
	Files []File
	// Reactions are those that users and bots have added.
	Reactions map[imbot.UserID][]string
	// Written is when the message was written.
	Written time.Time
	// Edited tells that the message was changed later.
	Edited bool
	// Deleted tells that the message was deleted later.
	Deleted bool
}

// File is a file in a chat.
type File struct {
	// ID is the file's id.
	ID int64
	// Name is the name under which the portal keeps the file. It is unique in the chat.
	Name string
	// Size is the length of the content in bytes.
	Size int64
	// SHA256 is the hash of the content.
	SHA256 [32]byte
	// Content is the content of a file of at most one megabyte, and nil for a larger one, of which only size and hash are
	// kept.
	Content []byte
}

// Messages returns what users and bots have written into a chat, in order and with what was deleted. What the portal
// itself writes there, such as who has joined, is not among it.
func (p *Portal) Messages(chat imbot.ChatID) []Message {
	var found []Message
	for _, message := range p.server.World.Messages(chat) {
		found = append(found, p.messageOf(message))
	}
	return found
}

// messageOf returns a message of the methods as it is shown.
func (p *Portal) messageOf(m methods.Message) Message {
	shown := Message{
		ID: imbot.MessageID(m.ID), ChatID: m.Chat, Author: m.Author, Text: m.Text, System: m.System,
		Keyboard: encoded(m.Keyboard), Attach: encoded(m.Attach), Menu: encoded(m.Menu), ReplyTo: imbot.MessageID(m.ReplyTo),
		Reactions: m.Reactions, Written: m.Date, Edited: m.Edited, Deleted: m.Deleted,
	}
	if m.Forwarded != nil {
		shown.Forwarded = imbot.MessageID(m.Forwarded.ID)
	}
	for _, id := range m.Files {
		if file, known := p.server.World.File(id); known {
			shown.Files = append(shown.Files, File{
				ID: file.ID, Name: file.Name, Size: file.Size, SHA256: file.SHA256, Content: file.Content,
			})
		}
	}
	return shown
}

// encoded is a part of a message as JSON, nil for none.
func encoded(part *php.Array) json.RawMessage {
	if part == nil {
		return nil
	}
	return php.Encode(part)
}

// PrivateChat returns the private chat of a bot and a user, whose dialog id is that of the user. It is made if there is
// none yet, as the methods of imbot.v2 do.
func (p *Portal) PrivateChat(bot imbot.BotID, user imbot.UserID) imbot.ChatID {
	return p.server.PrivateChat(imbot.UserID(bot), user)
}
