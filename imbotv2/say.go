package imbotv2

import (
	"context"
	"strings"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/content"
)

// SayOption adds something to the message of [Bot.Say] and [Bot.Reply].
type SayOption func(*MessageSendFields)

// WithKeyboard puts buttons below the message.
func WithKeyboard(keyboard *content.Keyboard) SayOption {
	return func(f *MessageSendFields) { f.Keyboard = keyboard }
}

// WithAttach puts an attachment below the text.
func WithAttach(attach *content.Attach) SayOption {
	return func(f *MessageSendFields) { f.Attach = attach }
}

// AsReplyTo makes the message an answer to another one of the same chat, which is shown with it.
func AsReplyTo(message imbot.MessageID) SayOption {
	return func(f *MessageSendFields) { f.ReplyID = message }
}

// WithoutPreview shows no card for a link in the text.
func WithoutPreview() SayOption {
	return func(f *MessageSendFields) { f.URLPreview = new(false) }
}

// Once sends the message at most once per call, also where answers are lost: a repeat has the UUID of the first time, by
// which the portal knows the message, as [MessageService.Send] says of a TemplateID. Without an error it is there once.
// After an error that matches [imbot.ErrOutcomeUnknown], as when no answer comes at all, it is there once or not at all.
// After any other error it is not there. Another call sends another message. A TemplateID that the message has is kept.
//
// Experimental: this rests on public source code of the server, and on no page of the documentation.
func Once() SayOption {
	return func(f *MessageSendFields) {
		if f.TemplateID == "" {
			f.TemplateID = newUUID()
		}
	}
}

// Say sends a message, as [MessageService.Send] does. The text may have BB codes; write by package content what others
// have written.
//
// Scope: imbot.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/messages/chat-message-send.html
func (b *Bot) Say(ctx context.Context, dialog imbot.DialogID, text string, opts ...SayOption) (*MessageSendResponse, error) {
	fields := MessageSendFields{Message: text}
	for _, opt := range opts {
		if opt != nil {
			opt(&fields)
		}
	}
	return b.send(ctx, MessageSendRequest{DialogID: dialog, Fields: fields})
}

// ErrNowhereToReply is the error of [Bot.Reply] to an event that names no dialog. Nothing was sent.
var ErrNowhereToReply = imbot.NewError("imbotv2: the event names no dialog to reply in", imbot.Advice{
	Meaning: "the event names no dialog, so nothing was sent",
	Action:  "reply to events of messages, commands and chats alone",
})

// Reply says something where an event happened. In a group chat it answers the message of the event, unless that is one
// of the bot or was deleted; in a private chat, which has nobody else, it does not.
//
// Scope: imbot.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/messages/chat-message-send.html
func (b *Bot) Reply(ctx context.Context, event *Event, text string, opts ...SayOption) (*MessageSendResponse, error) {
	if event == nil || event.DialogID == "" {
		return nil, ErrNowhereToReply
	}
	if id := event.answered(b.id); id > 0 {
		opts = append([]SayOption{AsReplyTo(id)}, opts...)
	}
	return b.Say(ctx, event.DialogID, text, opts...)
}

// answered returns the message that a reply to the event answers; zero for none.
func (e *Event) answered(bot imbot.BotID) imbot.MessageID {
	inGroup := strings.HasPrefix(strings.ToLower(string(e.DialogID)), "chat") && e.Chat.Type != ChatPrivate
	if !inGroup || e.Message == nil || e.Name == EventMessageDelete || e.Message.AuthorID == imbot.UserID(bot) {
		return 0
	}
	return e.Message.ID
}
