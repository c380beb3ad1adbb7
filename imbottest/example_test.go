package imbottest_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// A test would call imbottest.NewPortal(t) instead, and have nothing to close.
func ExampleStart() {
	portal := imbottest.Start()
	defer portal.Close()
	client := portal.Client(imbot.WithClientID(imbottest.ClientID))

	for _, chat := range []imbot.ChatID{imbottest.ChatGroup, imbottest.ChatCRM} {
		_, err := client.Chat.Leave(context.Background(), imbot.ChatLeaveRequest{ChatID: chat, BotID: imbottest.BotMain})
		fmt.Println(chat, err == nil, errors.Is(err, imbot.ErrLeaveOwnerForbidden), portal.Members(chat))
	}
	// Output:
	// 13 true false [1 50]
	// 17 false true [39 1]
}

// The act is done, but the answer is lost: the case that is easy to forget.
func ExamplePortal_Fault() {
	portal := imbottest.Start()
	defer portal.Close()
	portal.Fault("imbot.chat.leave", imbottest.LoseAfter())

	_, err := portal.Client(imbot.WithClientID(imbottest.ClientID)).Chat.Leave(context.Background(),
		imbot.ChatLeaveRequest{ChatID: imbottest.ChatGroup, BotID: imbottest.BotMain})
	fmt.Println(errors.Is(err, imbot.ErrOutcomeUnknown), portal.Has(imbottest.ChatGroup, imbottest.BotMain))
	// Output: true false
}

func ExamplePortal_On() {
	portal := imbottest.Start()
	defer portal.Close()
	portal.On("imbot.chat.leave", imbottest.Refuse(403, "ACCESS_ERROR", "Action unavailable"), imbottest.Result(true))
	client := portal.Client()

	for range 2 {
		_, err := client.Chat.Leave(context.Background(), imbot.ChatLeaveRequest{ChatID: 7})
		fmt.Println(err)
	}
	fmt.Println(portal.Calls()[1].Params)
	// Output:
	// imbot.chat.leave: ACCESS_ERROR: Action unavailable (HTTP 403)
	// <nil>
	// map[CHAT_ID:7]
}
