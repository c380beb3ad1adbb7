// Package imbottest is a Bitrix24 portal for tests: it has bots, chats, members, webhooks and OAuth tokens, and answers
// the REST methods for bots as the server does, down to the letter case of error codes and the escaping of JSON.
//
//	portal := imbottest.NewPortal(t)
//	client := portal.Client()
//	_, err := client.Chat.Leave(t.Context(), imbot.ChatLeaveRequest{
//		ChatID: imbottest.ChatGroup, BotID: imbottest.BotMain, ClientID: imbottest.ClientID,
//	})
//	// err is nil, and portal.Has(imbottest.ChatGroup, imbottest.BotMain) is false
//
// # Population
//
// A new portal has bots, chats and members: see [BotMain] and [ChatGroup] and their neighbors. [Empty] makes one
// without bots, chats and tokens, and [Portal.AddBot], [Portal.AddChat], [Portal.AddToken], [Portal.AddWebhook] and
// [Portal.AddUser] fill it.
//
// A bot that is registered by imbot.register or imbot.v2.Bot.register is in no chat: [Portal.AddMember] has somebody add
// it to one, as portal.AddMember(imbottest.ChatGroup, imbot.UserID(bot.ID()), imbottest.Employee), and
// [Portal.PrivateChat] is its chat with a user.
//
// # Where it can be reached
//
// In memory, at https://portal.example, through [Portal.HTTPClient]: without network and goroutines, so that it works
// in a bubble of testing/synctest. Or over a loopback connection, at [Portal.URL], for curl and for clients that bring
// a transport of their own. Only JSON answers are modeled: the suffix .xml is refused.
//
// A portal that is used in a bubble is best made there, too: its clock is the bubble's then from the start. Do not call
// [Portal.URL] there.
//
// By [WithAddress] a program serves it itself, as an [http.Handler], next to what else it serves.
//
// Several portals, with hosts and member ids of their own, make a [Cloud].
//
// # OAuth
//
// The portal has an OAuth server, at [Portal.TokenURL]: it renews pairs of tokens, each refresh token once, by the
// clock of the test. [Portal.IssueTokens] and [Portal.Authorize] begin, [Portal.TokenCalls] shows what it was asked,
// and [Portal.FaultTokens], [Portal.RemoveApplication] and [Portal.EndSubscription] make it fail. Its access tokens
// work on the portal. It has the method app.info, too, at https://oauth.example/rest/app.info: by that an application
// finds out whose tokens somebody has posted to it. On this machine it has a folder: see [Portal.ServerTokenURL].
//
// # Events
//
// After [Portal.SendEvents] or [Portal.SendEventsTo], the portal posts the events of bots, as forms in PHP's notation:
// [Portal.AddMember], [Portal.PostMessage], [Portal.DeleteBot], [Portal.InstallApp] and [Portal.UninstallApp] cause
// them, so do the REST methods by which bots come into a chat, and [Portal.Deliveries] shows how they were answered.
//
// Bots of imbot.v2 whose [Bot.EventMode] is fetch get their events by imbot.v2.Event.get instead, whether there is a
// handler or not. There are more causes for these: [Portal.PressButton], [Portal.EditMessage] and their neighbors.
//
// # What it answers
//
// Modeled are all methods of imbot but for imbot.app, all of imbot.v2, im.v2.Event and im.v2.File. They change the
// portal: imbot.chat.add makes a chat with the next id, [Portal.Chat] shows what has become of it, and
// [Portal.Messages] what was written there.
//
// So are the methods that any client may call: profile, server.time, scope, methods and app.info, and user.current,
// which needs the permission user, user_basic or user_brief. The webhooks and the application of a new portal have none
// of these. [User.Admin] shows in profile, [Application] and its neighbors in app.info.
//
// A method that has no model here is answered by [Portal.On], which also overrides those that have one. Any other call
// of an unknown method is the 404 of a real portal, and fails the test by the method's name. Where the server sends
// another code than the documented one, [WithWire] chooses.
//
// # What goes wrong
//
// [Portal.Fault] loses, delays, cuts and garbles answers, before or after the act, also of commands of a batch.
// [WithPlan] limits the rate, [WithOperatingLimit] the time that a method may use, [Portal.Rename] moves the portal to
// another host, [Portal.CloseSite] and [Portal.Overload] stop it.
//
// A fault that no call has met shows nothing: it fails the test when that ends, by the method's name, as there may be a
// slip in it. [Fault.Optional] and [Answer.Optional] are for what may stay unused, and [Portal.Unmet] tells a program.
//
// A Portal is safe for concurrent use. Its secrets are fixed test values.
package imbottest
