package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// refusals are calls that the portal in memory does not answer with yes.
var refusals = []struct {
	what  string
	req   imbot.ChatLeaveRequest
	fault imbottest.Fault
}{
	{what: "the general chat", req: leaveBy(imbottest.ChatGeneral, imbottest.BotMain)},
	{what: "the chat of a workgroup", req: leaveBy(imbottest.ChatWorkgroup, imbottest.BotMain)},
	{what: "a chat that the bot owns and may not leave", req: leaveBy(imbottest.ChatCRM, imbottest.BotMain)},
	{what: "a chat that the bot is not in", req: leaveBy(imbottest.ChatElsewhere, imbottest.BotMain)},
	{what: "a bot that is not there", req: leaveBy(imbottest.ChatGroup, 999)},
	{what: "a bot of somebody else", req: leaveBy(imbottest.ChatGroup, imbottest.BotOfApp)},
	{what: "no CLIENT_ID", req: imbot.ChatLeaveRequest{ChatID: imbottest.ChatGroup, BotID: imbottest.BotMain}},
	{what: "no chat", req: imbot.ChatLeaveRequest{BotID: imbottest.BotMain}},
	{what: "a page instead of an answer", req: leaveBy(imbottest.ChatGroup, imbottest.BotMain), fault: imbottest.HTML(502)},
	{what: "an answer that was lost", req: leaveBy(imbottest.ChatGroup, imbottest.BotMain), fault: imbottest.LoseAfter()},
}

func leaveBy(chat imbot.ChatID, bot imbot.BotID) imbot.ChatLeaveRequest {
	return imbot.ChatLeaveRequest{ChatID: chat, BotID: bot, ClientID: imbottest.ClientID}
}

func showRefusals(ctx context.Context, out io.Writer) error {
	fmt.Fprintln(out, "How leaving is refused and answers are lost, on a portal in memory (texts may be in its language):")
	for _, refusal := range refusals {
		portal := imbottest.Start()
		portal.Fault(imbot.MethodChatLeave.Name, refusal.fault)
		_, err := portal.Client().Chat.Leave(ctx, refusal.req)
		portal.Close()
		if err == nil {
			return fmt.Errorf("%s: the bot left", refusal.what)
		}
		fmt.Fprintf(out, "\n%s\n    %v\n    %s\n", refusal.what, err, advise(err))
	}
	return nil
}

// advise is how a program tells what happened: the sentinels, from the most special one on.
func advise(err error) string {
	switch {
	case errors.Is(err, imbot.ErrOutcomeUnknown):
		return "errors.Is ErrOutcomeUnknown: the bot may be out or in; look before you act on it"
	case errors.Is(err, imbot.ErrNotInChat):
		return "errors.Is ErrNotInChat: nothing to do, the bot is not in the chat"
	case errors.Is(err, imbot.ErrLeaveOwnerForbidden):
		return "errors.Is ErrLeaveOwnerForbidden: hand the chat over first (imbot.chat.setOwner)"
	case errors.Is(err, imbot.ErrActionUnavailable):
		return "errors.Is ErrActionUnavailable: the general chat, which imbot.chat.leave does not leave"
	case errors.Is(err, imbot.ErrUserDeleteForbidden):
		return "errors.Is ErrUserDeleteForbidden: leave the workgroup, not its chat"
	case errors.Is(err, imbot.ErrBotID):
		return "errors.Is ErrBotID: check the bot id (imbot.bot.list)"
	case errors.Is(err, imbot.ErrAppID):
		return "errors.Is ErrAppID: use the application or the CLIENT_ID that registered the bot"
	case errors.Is(err, imbot.ErrClientIDMissing):
		return "errors.Is ErrClientIDMissing: a webhook needs a CLIENT_ID, see imbot.WithClientID"
	case errors.Is(err, imbot.ErrChatIDEmpty):
		return "errors.Is ErrChatIDEmpty: name the chat"
	default:
		return "no sentinel of this method; the code tells"
	}
}
