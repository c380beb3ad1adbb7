package main

import (
	"context"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/seed-a6e4e5a4/imbot"
)

// portalsAtOnce is on how many portals the bot leaves chats at the same time. Each portal has limits of its own.
const portalsAtOnce = 8

// leaveAll takes the bot out of chats on many portals: those that are given by the member id of each. report is called
// for every chat, also by several goroutines at the same time.
func (v *vendor) leaveAll(ctx context.Context, chats map[string][]imbot.ChatLeaveRequest, report func(memberID string, result imbot.LeaveResult)) error {
	var group errgroup.Group // a portal that fails does not stop the others
	group.SetLimit(portalsAtOnce)
	for memberID, requests := range chats {
		group.Go(func() error {
			client, err := v.registry.Client(ctx, memberID)
			if err != nil {
				return fmt.Errorf("%s: %w", memberID, err)
			}
			for result := range client.Chat.LeaveAll(ctx, slices.Values(requests)) {
				report(memberID, result)
			}
			return nil
		})
	}
	return group.Wait()
}
