package imbot_test

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

func ExampleQueue() {
	portal := imbottest.Start()
	defer portal.Close()
	client := portal.Client(imbot.WithClientID(imbottest.ClientID))

	batch := client.NewBatch()
	members := imbot.Queue(batch, imbot.MethodChatUserList, imbot.ChatUserListRequest{ChatID: 13, BotID: 39})
	left := imbot.Queue(batch, imbot.MethodChatLeave, imbot.ChatLeaveRequest{ChatID: 13, BotID: 39})
	general := imbot.Queue(batch, imbot.MethodChatLeave, imbot.ChatLeaveRequest{ChatID: 1, BotID: 39})
	if err := batch.Do(context.Background()); err != nil {
		fmt.Println(err) // of the batch as a whole, and so of each call
		return
	}

	before, err := members.Result()
	if err == nil {
		fmt.Println("members before:", before.Result)
	}
	if _, err := left.Result(); err == nil {
		fmt.Println("left chat 13")
	}
	if _, err := general.Result(); errors.Is(err, imbot.ErrActionUnavailable) {
		fmt.Println("the general chat is left by imbot.v2.Chat.leave alone")
	}
	// Output:
	// members before: [1 39 50]
	// left chat 13
	// the general chat is left by imbot.v2.Chat.leave alone
}

func ExampleWithHalt() {
	portal := imbottest.Start()
	defer portal.Close()
	client := portal.Client(imbot.WithClientID(imbottest.ClientID))

	batch := client.NewBatch(imbot.WithHalt())
	owner := imbot.Queue(batch, imbot.MethodChatSetOwner, imbot.ChatSetOwnerRequest{ChatID: 14, UserID: 1, BotID: 39})
	left := imbot.Queue(batch, imbot.MethodChatLeave, imbot.ChatLeaveRequest{ChatID: 13, BotID: 39})
	if err := batch.Do(context.Background()); err != nil {
		fmt.Println(err)
		return
	}

	_, err := owner.Result()
	fmt.Println(err)
	_, err = left.Result()
	fmt.Println(err, errors.Is(err, imbot.ErrNotExecuted))
	// Output:
	// imbot.chat.setOwner: WRONG_REQUEST: Change owner can only owner and user must be member in chat (HTTP 200)
	// imbot.chat.leave: not executed: the portal did not come to it true
}

func ExampleChatService_LeaveAll() {
	portal := imbottest.Start()
	defer portal.Close()
	client := portal.Client(imbot.WithClientID(imbottest.ClientID))

	requests := func(yield func(imbot.ChatLeaveRequest) bool) {
		for _, id := range []imbot.ChatID{13, 14, 15, 16} { // a file, or a database
			if !yield(imbot.ChatLeaveRequest{ChatID: id, BotID: 39}) {
				return
			}
		}
	}
	for result := range client.Chat.LeaveAll(context.Background(), requests) {
		switch {
		case result.Err == nil:
			fmt.Println(result.Request.ChatID, result.Outcome.State)
		case errors.Is(result.Err, imbot.ErrOutcomeUnknown):
			fmt.Println(result.Request.ChatID, "try again") // it does no harm
		default:
			fmt.Println(result.Request.ChatID, "refused:", errors.Is(result.Err, imbot.ErrUserDeleteForbidden))
		}
	}
	// Output:
	// 13 left
	// 14 already out
	// 15 left
	// 16 refused: true
}

// Stopping early loses nothing: what was taken and not seen by the loop is told.
func ExampleWithUnreported() {
	portal := imbottest.Start()
	defer portal.Close()
	client := portal.Client(imbot.WithClientID(imbottest.ClientID))

	requests := slices.Values([]imbot.ChatLeaveRequest{{ChatID: 13, BotID: 39}, {ChatID: 15, BotID: 39}})
	unreported := imbot.WithUnreported(func(result imbot.LeaveResult) {
		fmt.Println("not waited for:", result.Request.ChatID, errors.Is(result.Err, imbot.ErrNotExecuted))
	})
	for result := range client.Chat.LeaveAll(context.Background(), requests, unreported, imbot.WithConcurrency(1)) {
		fmt.Println(result.Request.ChatID, result.Outcome.State)
		break
	}
	// Output:
	// 13 left
	// not waited for: 15 true
}
