package main

import (
	"context"
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
		advice := imbot.Explain(err)
		fmt.Fprintf(out, "\n%s\n    %v\n    what it means: %s\n    what to do: %s\n", refusal.what, err, advice.Meaning, advice.Action)
	}
	return nil
}
