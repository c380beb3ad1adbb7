// Package events receives what a Bitrix24 portal posts to a bot: that it was added to a chat, that somebody wrote to
// it, that it was deleted, that its application was installed or removed.
//
//	handler, err := events.NewHandler(applicationToken,
//		events.OnJoinChat(func(ctx context.Context, event *events.Event) error {
//			for _, bot := range event.Bots {
//				if request, ok := event.LeaveRequest(bot); ok {
//					if _, err := client.Chat.EnsureLeft(ctx, request); err != nil {
//						return err
//					}
//				}
//			}
//			return nil
//		}))
//
// # Two generations
//
// Bitrix24 has two generations of bot methods, each with events of its own, and [Parse] reads both. [Event.Fetched] has
// either in the terms of the second. [WithMux] calls the functions of an imbotv2.Mux, which serves events that are
// fetched as well:
//
//	mux := imbotv2.NewMux()
//	mux.Message(func(ctx context.Context, event *imbotv2.Event) error { return nil })
//	handler, err := events.NewHandler(applicationToken, events.WithMux(mux))
//
// # Who is asking
//
// Anybody can post to a public address. What tells a portal from a stranger is the application token, which the portal
// hands over once, when the application is installed, and repeats in every event. [Handler] compares it and lets
// nothing else through; who calls [Parse] alone has to call [Event.Verify].
//
// Until then everything in an event is a claim. The token of an event must never go to the host that the event names,
// or a forged one would collect tokens: keep the client_endpoint of the installation, and hand that to [Bot.Client].
//
// # Once, late, in any order
//
// A portal sends an event once. It does not repeat what failed, it calls a slow handler less often, and it promises no
// order. [Handler] therefore answers before the work is done, and leaves out fields that are too many or nested too deep
// sooner than it refuses the event: see [Event.LeftOut]. There is no event for a bot that has left a chat. Some events
// come twice all the same: [WithoutRepeats] drops those, and [WithMaxAge] what comes too late.
//
// What was answered and not yet worked on is lost with the process. With [WithEnqueue] an event is kept before the portal
// is answered, without its tokens, and worked on from there: module eventqueue keeps events on disk.
//
// # Secrets
//
// An event holds tokens. Events and bots print and log without them, by whatever verb and logger. Their fields are
// plain, though. Values, and an event or a bot as JSON, have everything that was sent. So has what a JSON logger makes
// of a slice or a struct with bots in it (log the event itself), and a struct that keeps an event in an unexported
// field, where fmt does not ask how to print it.
package events
