// Package imbotv2 has the second generation of Bitrix24's chat-bot methods, imbot.v2.*: a typed client for them, the
// events of a bot, and what a bot does with those.
//
// Drop "imbot.v2." from the name of a method and make a Go name of each part that is left, and that is where it is:
// imbot.v2.Chat.Message.send is Bot.Chat.Message.Send. The methods of the bot itself stand on it: imbot.v2.Bot.get is
// [Bot.Get]. What needs no bot is on the [Client], such as [BotService.Register], and so are the methods of users, im.v2.*:
// im.v2.File.upload is Client.IM.File.Upload.
//
//	v2 := imbotv2.New(client)
//	bot := v2.As(imbotv2.Identity{BotID: 456, BotToken: os.Getenv("BOT_TOKEN")})
//	sent, err := bot.Say(ctx, "chat13", "Hello")
//	outcome, err := bot.Chat.EnsureLeft(ctx, imbotv2.ChatLeaveRequest{DialogID: "chat13"})
//
// Every call ends as [imbot.Call] says: done, refused with the reason, or unknown. What people wrote is escaped by
// package content, which has keyboards and attachments, too.
//
// Events are fetched by [Bot.Events], or by a [Mux], which serves those that a portal posts as well. Each comes until it
// is done, and an [OffsetStore] keeps which are, over restarts.
package imbotv2
