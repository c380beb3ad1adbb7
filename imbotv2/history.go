package imbotv2

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/seed-a6e4e5a4/imbot"
)

// Newer returns the messages of the chat after the one that is named, from the oldest to the last that is there, page
// by page, as [MessageService.GetContext] does. A message that is deleted meanwhile does not stop it, unless all of a
// page are. An error ends the sequence, and comes without a message. To go on after it, name the last message that
// came. Where that one was deleted, the error matches [ErrMessageNotFound]: then name one before it.
//
// Scope: imbot.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/messages/chat-message-get-context.html
func (s *MessageService) Newer(ctx context.Context, req MessageGetContextRequest) iter.Seq2[Message, error] {
	return s.walk(ctx, req, func(page MessageGetContextResult, from imbot.MessageID) ([]Message, bool) {
		first := position(page.Messages, from+1)
		return page.Messages[first:], page.HasNextPage
	})
}

// Older returns the messages of the chat before the one that is named, from the newest to the first of the chat that the
// bot may see, as [MessageService.Newer] does of those after it.
//
// Scope: imbot.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/messages/chat-message-get-context.html
func (s *MessageService) Older(ctx context.Context, req MessageGetContextRequest) iter.Seq2[Message, error] {
	return s.walk(ctx, req, func(page MessageGetContextResult, from imbot.MessageID) ([]Message, bool) {
		end := position(page.Messages, from)
		before := slices.Clone(page.Messages[:end])
		slices.Reverse(before)
		return before, page.HasPrevPage
	})
}

// walk asks for one page after the other, each around the last message that came or, where that is deleted by then,
// around one before it. The function returns what is beyond a message, and whether there is more.
func (s *MessageService) walk(
	ctx context.Context, req MessageGetContextRequest, beyond func(MessageGetContextResult, imbot.MessageID) ([]Message, bool),
) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		next, last := req, req.MessageID
		var before []imbot.MessageID // those of the last page, in the order in which they came
		for {
			page, err := s.GetContext(ctx, next)
			switch {
			case errors.Is(err, ErrMessageNotFound) && len(before) > 0:
				next.MessageID, before = before[len(before)-1], before[:len(before)-1]
				continue
			case err != nil:
				yield(Message{}, err)
				return
			}
			fresh, _ := beyond(page.Result, last)
			for _, message := range fresh {
				if !yield(message, nil) {
					return
				}
				last = message.ID
			}
			messages, more := beyond(page.Result, next.MessageID)
			switch {
			case !more:
				return
			case len(messages) == 0:
				yield(Message{}, errNoProgress)
				return
			}
			before = before[:0]
			for _, message := range messages {
				before, next.MessageID = append(before, next.MessageID), message.ID
			}
		}
	}
}

// errNoProgress is a page that says there is more, and has nothing of it.
var errNoProgress = fmt.Errorf("%s: there is more, it says, and nothing came: %w", MethodMessageGetContext.Name, imbot.ErrUnexpectedResult)

// position returns the place of the first message that has this number, or a higher one.
func position(messages []Message, id imbot.MessageID) int {
	place, _ := slices.BinarySearchFunc(messages, id, func(m Message, id imbot.MessageID) int { return cmp.Compare(m.ID, id) })
	return place
}
