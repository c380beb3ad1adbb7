package imbot_test

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// leaveRequests takes the bot of the examples out of each chat.
func leaveRequests(chats ...imbot.ChatID) []imbot.ChatLeaveRequest {
	var requests []imbot.ChatLeaveRequest
	for _, chat := range chats {
		requests = append(requests, imbot.ChatLeaveRequest{ChatID: chat, BotID: imbottest.BotMain})
	}
	return requests
}

// Small batches, one at a time: slower, and gentle to a portal that has other work.
func ExampleWithBatchSize() {
	portal := imbottest.Start()
	defer portal.Close()
	client := portal.Client(imbot.WithClientID(imbottest.ClientID))
	requests := slices.Repeat(leaveRequests(imbottest.ChatElsewhere), 5)

	gently := []imbot.LeaveAllOption{imbot.WithBatchSize(2), imbot.WithConcurrency(1)}
	for result := range client.Chat.LeaveAll(context.Background(), slices.Values(requests), gently...) {
		if result.Err != nil {
			fmt.Println(result.Err)
		}
	}
	most, commands := 0, 0
	for _, call := range portal.Calls("batch", "imbot.chat.leave") {
		if commands++; call.Method == "batch" {
			commands = 0
		}
		most = max(most, commands)
	}
	fmt.Println("the largest batch:", most, "chats")
	// Output: the largest batch: 2 chats
}

func ExampleWithProgress() {
	portal := imbottest.Start()
	defer portal.Close()
	client := portal.Client(imbot.WithClientID(imbottest.ClientID))
	requests := leaveRequests(imbottest.ChatGroup, imbottest.ChatOwned, imbottest.ChatCRM)

	var last imbot.LeaveProgress
	progress := imbot.WithProgress(func(p imbot.LeaveProgress) { last = p }) // for a bar or a line
	for range client.Chat.LeaveAll(context.Background(), slices.Values(requests), progress) {
		continue
	}
	fmt.Printf("%d of %d: %d left, %d refused\n", last.Done(), last.Taken, last.Left, last.Failed)
	// Output: 3 of 3: 2 left, 1 refused
}

// Asked to end, the program takes and sends no more, and hears of what is at the portal.
func ExampleWithStop() {
	portal := imbottest.Start()
	defer portal.Close()
	client := portal.Client(imbot.WithClientID(imbottest.ClientID))
	requests := leaveRequests(imbottest.ChatGroup, imbottest.ChatOwned)

	stop := make(chan struct{}) // closed by a signal, for example
	options := []imbot.LeaveAllOption{imbot.WithStop(stop), imbot.WithConcurrency(1)}
	for result := range client.Chat.LeaveAll(context.Background(), slices.Values(requests), options...) {
		fmt.Println("chat", result.Request.ChatID, result.Outcome.State, errors.Is(result.Err, imbot.ErrNotExecuted))
		if result.Request.ChatID == imbottest.ChatGroup {
			close(stop)
		}
	}
	// Output:
	// chat 13 left false
	// chat 15  true
}
