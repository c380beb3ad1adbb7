package imbotv2

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/content"
	"github.com/seed-a6e4e5a4/imbot/internal/loose"
)

// MessageSendRequest is a message to send, and where.
type MessageSendRequest struct {
	BotID    imbot.BotID       `json:"botId"`    // the bot that writes; zero: that of [Client.As]
	DialogID imbot.DialogID    `json:"dialogId"` // "chat13", or "27" for the private chat with a user; required, or [imbot.ErrDialogIDEmpty]
	Fields   MessageSendFields `json:"fields"`   // the message; required, or [ErrEmptyMessage]
}

// MessageSendFields is the message of a [MessageSendRequest]: a Message, an Attach or ForwardIDs, or several of them.
type MessageSendFields struct {
	Message         string                     `json:"message,omitempty"`         // with BB codes, at most 20,000 characters; see [content.Escape] for what others wrote
	Attach          *content.Attach            `json:"attach,omitempty"`          // below the text
	Keyboard        *content.Keyboard          `json:"keyboard,omitempty"`        // buttons below that
	System          *bool                      `json:"system,omitempty"`          // as a message of the portal, which the bot can never change; nil: as one of the bot
	URLPreview      *bool                      `json:"urlPreview,omitempty"`      // shows a card for a link; nil: it does
	ReplyID         imbot.MessageID            `json:"replyId,omitempty"`         // the message of the same chat that it answers; zero: none
	TemplateID      string                     `json:"templateId,omitempty"`      // a UUID of your choice, another one for each message; see [MessageService.Send] for what one of version 4 does
	ForwardIDs      map[string]imbot.MessageID `json:"forwardIds,omitempty"`      // up to 100 messages to forward, by UUIDs (v4, lower case) of your choice
	SkipConnector   *bool                      `json:"skipConnector,omitempty"`   // keeps it from the customer of an open line; nil: it is sent there
	SilentConnector *bool                      `json:"silentConnector,omitempty"` // sends it there without the name of who wrote it; nil: with it
}

// MessageSendResult is the messages that were made.
type MessageSendResult struct {
	ID      imbot.MessageID            `json:"id"`      // the message; zero where there was nothing but messages to forward
	UUIDMap map[string]imbot.MessageID `json:"uuidMap"` // the forwarded messages, by the UUIDs of the request
}

// UnmarshalJSON reads an object in all forms that portals have for its members.
func (r *MessageSendResult) UnmarshalJSON(data []byte) error {
	type plain MessageSendResult
	return loose.Unmarshal(data, (*plain)(r))
}

// MessageSendResponse is the answer to [MessageService.Send].
type MessageSendResponse = imbot.Response[MessageSendResult]

// MethodMessageSend is the method of [MessageService.Send].
var MethodMessageSend = imbot.Method[MessageSendRequest, MessageSendResult]{
	Name: "imbot.v2.Chat.Message.send", Validate: validateMessageSend, Refusals: refusedChat(),
	Check: func(r MessageSendResult) error { return requireResult("id", r.ID > 0 || len(r.UUIDMap) > 0) },
}

// Send sends a message. It may be there after a lost answer, and is not sent again, as there could be two of it then; a
// TemplateID changes that, see below. A text of more than 20,000 characters is a [*imbot.ParamError], as the portal
// would cut it without a word; so is a keyboard or an attachment that it would drop parts of.
//
// It is refused where the bot is not in the chat, or there is no such chat ([imbot.ErrNotInChat]), where the text is
// empty ([ErrEmptyMessage]), and where the portal does not take a part of it ([ErrParamKeyboard], [ErrParamAttach],
// [ErrReply], [ErrSendingFailed]). The portal's older layers may put a code of their own in place of these, such as
// CANCELED.
//
// Experimental: with a UUID of version 4 in lower case as its TemplateID, a message is repeated after a lost answer, and
// is not there twice. This rests on public source code of the server, and on no page of the documentation:
//
//   - A portal that has a message by this UUID sends no other, and answers the ID of the one that it has.
//   - That is so whatever the other message says, and in whatever chat: take another UUID for each message.
//   - [imbot.Call] and [imbot.Queue] with [MethodMessageSend] repeat no message after a lost answer.
//   - A message with System or ForwardIDs is not known by its UUID, and so it is not repeated.
//   - While an earlier request with the UUID is at work, the portal answers MESSAGE_DUPLICATED_BY_UUID, which matches
//     [imbot.ErrOutcomeUnknown] and is repeated like a lost answer. It may answer so, too, after a request that failed
//     half way.
//   - How long a portal knows a UUID is not known. Let the repeats of an [imbot.RetryPolicy] end within minutes, and do
//     not repeat a message with its UUID another day.
//
// Scope: imbot.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/messages/chat-message-send.html
func (s *MessageService) Send(ctx context.Context, req MessageSendRequest) (*MessageSendResponse, error) {
	return s.bot.send(ctx, req)
}

// send sends a message, also for a bot that has no services as it was not made by [Client.As]: the call refuses that.
func (b *Bot) send(ctx context.Context, req MessageSendRequest) (*MessageSendResponse, error) {
	req.BotID = cmp.Or(req.BotID, b.id)
	if req.Fields.isRepeatable() {
		return sendOnce(ctx, b.client, req)
	}
	return imbot.Call(ctx, b.client, MethodMessageSend, req)
}

// mostForwards is how many messages may be forwarded at once.
const mostForwards = 100

func validateMessageSend(r MessageSendRequest) error {
	return firstProblem(requireBot(r.BotID), requireDialog(r.DialogID),
		allowText("fields.message", r.Fields.Message), allowAttach(r.Fields.Attach), allowKeyboard(r.Fields.Keyboard), checkMessage(&r.Fields))
}

// checkMessage returns what is wrong with a message as a whole.
func checkMessage(f *MessageSendFields) *imbot.ParamError {
	switch {
	case f.Attach == nil && len(f.ForwardIDs) == 0 && strings.TrimSpace(f.Message) == "":
		return requireText("fields.message", "", ErrEmptyMessage)
	case f.ReplyID < 0:
		return &imbot.ParamError{Param: "fields.replyId", Err: fmt.Errorf("is negative: %d", f.ReplyID)}
	case len(f.ForwardIDs) > mostForwards:
		return &imbot.ParamError{
			Param: "fields.forwardIds", Err: fmt.Errorf("has more than %d messages: %w", mostForwards, ErrTooManyMessages),
		}
	default:
		return allowForwards(f.ForwardIDs)
	}
}

// allowForwards returns what is wrong with messages to forward. The portal knows them by their UUIDs alone.
func allowForwards(ids map[string]imbot.MessageID) *imbot.ParamError {
	for _, uuid := range slices.Sorted(maps.Keys(ids)) {
		if !uuidForm.MatchString(uuid) {
			return &imbot.ParamError{Param: "fields.forwardIds", Err: fmt.Errorf("has a key that is not a UUID of version 4 in lower case: %s", quoteShort(uuid))}
		}
		if problem := requireID("fields.forwardIds["+uuid+"]", ids[uuid], ErrMessageNotFound); problem != nil {
			return problem
		}
	}
	return nil
}
