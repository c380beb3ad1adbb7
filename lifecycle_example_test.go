package imbot_test

import (
	"context"
	"fmt"
	"log"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// A bot makes a chat, hands it over and leaves it; then it leaves another by the second generation of methods.
func Example_lifeOfAChat() {
	portal := imbottest.Start()
	defer portal.Close()
	client := portal.Client(imbot.WithClientID(imbottest.ClientID))
	if err := lifeOfAChat(context.Background(), client, imbottest.BotMain, imbottest.Employee); err != nil {
		log.Fatal(err)
	}
	// Output:
	// the bot owns the chat, and may leave it: true true
	// after the handover it owns it: false
	// members: [39 1]
	// left
	// by the second generation: left, and then: already out
}

func lifeOfAChat(ctx context.Context, client *imbot.Client, bot imbot.BotID, heir imbot.UserID) error {
	added, err := client.Chat.Add(ctx, imbot.ChatAddRequest{Title: "Launch", Type: imbot.ChatClosed, BotID: bot})
	if err != nil {
		return err
	}
	chat := added.Result
	if _, err := client.Chat.User.Add(ctx, imbot.ChatUserAddRequest{ChatID: chat, Users: []imbot.UserID{heir}, BotID: bot}); err != nil {
		return err
	}
	if _, err := client.Chat.UpdateTitle(ctx, imbot.ChatUpdateTitleRequest{ChatID: chat, Title: "Launched", BotID: bot}); err != nil {
		return err
	}

	leave := imbot.ChatLeaveRequest{ChatID: chat, BotID: bot}
	before, err := client.Chat.CanLeave(ctx, leave)
	if err != nil {
		return err
	}
	fmt.Println("the bot owns the chat, and may leave it:", before.IsOwner, before.Allowed)
	if _, err := client.Chat.SetOwner(ctx, imbot.ChatSetOwnerRequest{ChatID: chat, UserID: heir, BotID: bot}); err != nil {
		return err
	}
	after, err := client.Chat.CanLeave(ctx, leave)
	if err != nil {
		return err
	}
	fmt.Println("after the handover it owns it:", after.IsOwner)
	members, err := client.Chat.User.List(ctx, imbot.ChatUserListRequest{ChatID: chat, BotID: bot})
	if err != nil {
		return err
	}
	fmt.Println("members:", members.Result)
	outcome, err := client.Chat.EnsureLeft(ctx, leave)
	if err != nil {
		return err
	}
	fmt.Println(outcome.State)

	leaveV2 := imbot.V2ChatLeaveRequest{BotID: bot, DialogID: imbottest.ChatGroup.DialogID()}
	first, err := client.V2.Chat.EnsureLeft(ctx, leaveV2)
	if err != nil {
		return err
	}
	second, err := client.V2.Chat.EnsureLeft(ctx, leaveV2)
	if err != nil {
		return err
	}
	fmt.Printf("by the second generation: %s, and then: %s\n", first.State, second.State)
	return nil
}
