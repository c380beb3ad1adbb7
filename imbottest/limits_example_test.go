package imbottest_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// callUntilRefused calls without a limiter and without repeats, and returns how many calls went well, and what ended
// them.
func callUntilRefused(portal *imbottest.Portal) (int, error) {
	client := portal.Client(imbot.WithLimiter(nil), imbot.WithRetry(imbot.RetryPolicy{}))
	for n := 0; ; n++ {
		if _, err := client.Bot.List(context.Background(), imbot.BotListRequest{}); err != nil {
			return n, err
		}
	}
}

// 50 at once, and a few more that the portal forgot meanwhile.
func ExampleWithPlan() {
	portal := imbottest.Start(imbottest.WithPlan(imbot.PlanStandard))
	defer portal.Close()

	n, err := callUntilRefused(portal)
	fmt.Println(n >= 50, errors.Is(err, imbot.ErrQueryLimitExceeded))
	// Output: true true
}

func ExampleWithRateLimit() {
	portal := imbottest.Start(imbottest.WithRateLimit(0.001, 3))
	defer portal.Close()

	n, err := callUntilRefused(portal)
	fmt.Println(n, errors.Is(err, imbot.ErrQueryLimitExceeded))
	// Output: 3 true
}

// No time passes: the portal counts what calls are said to cost.
func ExampleWithOperatingLimit() {
	portal := imbottest.Start(
		imbottest.WithOperatingLimit(480*time.Second),
		imbottest.WithCost(imbottest.ConstantCost(200*time.Second)))
	defer portal.Close()

	n, err := callUntilRefused(portal)
	fmt.Println(n, errors.Is(err, imbot.ErrOperationTimeLimit))
	// Output: 3 true
}

// The same seed brings the same costs.
func ExampleLogNormalCost() {
	first, second := imbottest.LogNormalCost(1, time.Second, 0.5), imbottest.LogNormalCost(1, time.Second, 0.5)

	for range 100 {
		if first("imbot.chat.leave") != second("imbot.chat.leave") {
			fmt.Println("they differ")
		}
	}
	fmt.Println(first("imbot.chat.leave") > 0)
	// Output: true
}

// The cloud cuts what lasts for too long. What had begun is done.
func ExampleWithRequestLimit() {
	portal := imbottest.Start(
		imbottest.WithCost(imbottest.ConstantCost(20*time.Millisecond)),
		imbottest.CostTakesTime(),
		imbottest.WithRequestLimit(10*time.Millisecond))
	defer portal.Close()

	_, err := portal.Client(imbot.WithClientID(imbottest.ClientID)).Chat.Leave(context.Background(),
		imbot.ChatLeaveRequest{ChatID: imbottest.ChatGroup, BotID: imbottest.BotMain})
	fmt.Println(err)
	fmt.Println("in the chat:", portal.Has(imbottest.ChatGroup, imbottest.BotMain))
	// Output:
	// imbot.chat.leave: the answer is not JSON but text/html (HTTP 504)
	// in the chat: false
}

// A portal that charges the method batch for what its commands cost.
func ExampleChargeBatch() {
	portal := imbottest.Start(
		imbottest.ChargeBatch(),
		imbottest.WithOperatingLimit(10*time.Second),
		imbottest.WithCost(imbottest.ConstantCost(30*time.Second)))
	defer portal.Close()
	client := portal.Client(imbot.WithRetry(imbot.RetryPolicy{}))

	for range 2 {
		batch := client.NewBatch()
		bots := imbot.Queue(batch, imbot.MethodBotList, imbot.BotListRequest{})
		err := batch.Do(context.Background())
		_, botsErr := bots.Result()
		fmt.Println(err == nil && botsErr == nil, errors.Is(err, imbot.ErrOperationTimeLimit))
	}
	_, err := client.Bot.List(context.Background(), imbot.BotListRequest{})
	fmt.Println("by itself:", err)
	// Output:
	// true false
	// false true
	// by itself: <nil>
}

func ExamplePortal_CallCount() {
	portal := imbottest.Start(imbottest.KeepCalls(1))
	defer portal.Close()
	client := portal.Client(imbot.WithClientID(imbottest.ClientID))

	for _, chat := range []imbot.ChatID{13, 14, 15} {
		_, _ = client.Chat.User.List(context.Background(), imbot.ChatUserListRequest{ChatID: chat, BotID: 39})
	}
	fmt.Println(len(portal.Calls()), portal.CallCount())
	// Output: 1 3
}

func ExampleUniformCost() {
	cost := imbottest.UniformCost(1, 100*time.Millisecond, 200*time.Millisecond)
	portal := imbottest.Start(imbottest.WithCost(cost))
	defer portal.Close()
	client := portal.Client(imbot.WithClientID(imbottest.ClientID))

	answer, err := client.Chat.Leave(context.Background(), imbot.ChatLeaveRequest{ChatID: 13, BotID: 39})
	if err != nil {
		fmt.Println(err)
		return
	}
	used := answer.Time.Operating
	fmt.Println(used >= 100*time.Millisecond, used <= 200*time.Millisecond)
	// Output: true true
}
