package imbot_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"slices"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// A method that has no wrapper in this package is declared in a line or two, and called like the others.
func ExampleCall() {
	type UserGetRequest struct {
		ID imbot.UserID `json:"ID"`
	}
	type User struct {
		ID   imbot.UserID `json:"id"`
		Name string       `json:"name"`
	}
	userGet := imbot.Method[UserGetRequest, User]{Name: "im.user.get", Idempotent: true}

	portal := imbottest.Start()
	defer portal.Close()
	portal.On("im.user.get", imbottest.Result(map[string]any{"id": 7, "name": "Ann"}))

	response, err := imbot.Call(context.Background(), portal.Client(), userGet, UserGetRequest{ID: 7})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(response.Result.Name)
	// Output: Ann
}

// A method of your own can have sentinels and a check, as those of this package do.
func ExampleMethod() {
	portal := imbottest.Start()
	defer portal.Close()
	portal.On("x.report.send", imbottest.Refuse(400, "LIMIT", "No quota"), imbottest.Result(false))
	client := portal.Client()

	errQuota := errors.New("the quota is used up")
	send := imbot.Method[map[string]any, bool]{
		Name:     "x.report.send",
		Refusals: []imbot.Refusal{{Code: "LIMIT", Description: "No quota", Means: errQuota}},
		Check:    imbot.MustBeTrue[bool],
	}

	_, err := imbot.Call(context.Background(), client, send, nil)
	fmt.Println(errors.Is(err, errQuota))
	_, err = imbot.Call(context.Background(), client, send, nil)
	fmt.Println(errors.Is(err, imbot.ErrDeclined), errors.Is(err, imbot.ErrOutcomeUnknown))
	// Output:
	// true
	// true false
}

// false is a plain no: nothing was done.
func ExampleMustBeTrue() {
	fmt.Println(imbot.MustBeTrue(true), errors.Is(imbot.MustBeTrue(false), imbot.ErrDeclined))
	// Output: <nil> true
}

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
		if errors.Is(result.Err, imbot.ErrNotExecuted) {
			continue // taken from the sequence before the stop, and not sent
		}
		fmt.Println("chat", result.Request.ChatID, result.Outcome.State)
		close(stop)
	}
	// Output: chat 13 left
}

// Stopping early loses nothing: WithUnreported gets the results that the loop did not.
func ExampleWithUnreported() {
	portal := imbottest.Start()
	defer portal.Close()
	client := portal.Client(imbot.WithClientID(imbottest.ClientID))

	taken, known := 0, 0
	requests := func(yield func(imbot.ChatLeaveRequest) bool) {
		for _, chat := range []imbot.ChatID{13, 15, 17} {
			taken++ // how many depends on how fast the portal answers
			if !yield(imbot.ChatLeaveRequest{ChatID: chat, BotID: 39}) {
				return
			}
		}
	}
	unreported := imbot.WithUnreported(func(result imbot.LeaveResult) {
		if result.Err == nil || errors.Is(result.Err, imbot.ErrNotExecuted) { // out, or still in the chat
			known++
		}
	})
	for result := range client.Chat.LeaveAll(context.Background(), requests, unreported) {
		fmt.Println(result.Request.ChatID, result.Outcome.State)
		known++
		break
	}
	fmt.Println("nothing is open:", known == taken)
	// Output:
	// 13 left
	// nothing is open: true
}

// The goals work for any method that leaves, and so for one of your own.
func ExampleLeaveBy() {
	type leaveRequest struct {
		BotID    imbot.BotID    `json:"botId"`
		DialogID imbot.DialogID `json:"dialogId"`
	}
	by := imbot.LeaveBy[leaveRequest, imbotv2.Result]{
		Method: imbot.Method[leaveRequest, imbotv2.Result]{
			Name:     "imbot.v2.Chat.leave",
			Refusals: []imbot.Refusal{{Code: imbot.ErrAccessDenied, Means: imbot.ErrNotInChat}},
			Check:    imbot.MustBeTrue[imbotv2.Result],
		},
		Member: func(req leaveRequest) imbot.ChatLeaveRequest {
			chat, _ := imbot.ParseChatID(string(req.DialogID))
			return imbot.ChatLeaveRequest{ChatID: chat, BotID: req.BotID}
		},
	}
	portal := imbottest.Start()
	defer portal.Close()
	client := portal.Client().As(imbottest.ClientID)
	ctx := context.Background()

	outcome, err := imbot.EnsureLeft(ctx, client, by, leaveRequest{imbottest.BotMain, "chat13"})
	fmt.Println(outcome.State, err)

	requests := slices.Values([]leaveRequest{{imbottest.BotMain, "chat14"}, {imbottest.BotMain, "chat15"}})
	for result := range imbot.LeaveAll(ctx, client, by, requests) {
		fmt.Println(result.Request.DialogID, result.Outcome.State, result.Err)
	}
	// Output:
	// left <nil>
	// chat14 already out <nil>
	// chat15 left <nil>
}
