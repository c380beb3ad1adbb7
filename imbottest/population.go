package imbottest

import (
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/methods"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/tokens"
)

// Host is the host of every portal in memory that has no other, by [WithHost], until [Portal.Rename].
const Host = "portal.example"

// The credentials of a new portal.
const (
	// Secret is the secret of the user's webhook that may use bots.
	Secret = "s3cr3t00"
	// SecretNoScope is the secret of the user's webhook that may do nothing.
	SecretNoScope = "nosc0pe0"
	// ClientID is the CLIENT_ID of [BotMain] and [BotSecond].
	ClientID = "my"
	// App is the OAuth application of [BotOfApp].
	App = "app.1"
	// TokenOK is an access token of [App] that does not expire.
	TokenOK = "tok-ok"
	// TokenExpired is an access token of [App] that has expired.
	TokenExpired = "tok-old"
)

// The people and bots of a new portal. All but the webhooks' user are missing from an [Empty] one.
const (
	// Employee is the user for whom webhooks and tokens act.
	Employee imbot.UserID = 1
	// BotMain belongs to [ClientID] and is the one that is meant if a call names none.
	BotMain imbot.BotID = 39
	// BotSecond belongs to [ClientID], too.
	BotSecond imbot.BotID = 41
	// BotOfApp belongs to [App], so that no webhook can act for it.
	BotOfApp imbot.BotID = 50
)

// The chats of a new portal.
const (
	// ChatGeneral is the general chat of the portal. It is left by imbot.v2.Chat.leave alone.
	ChatGeneral imbot.ChatID = 1
	// ChatGroup is an ordinary group with [Employee], its owner, [BotMain] and [BotOfApp].
	ChatGroup imbot.ChatID = 13
	// ChatElsewhere is an ordinary group without [BotMain].
	ChatElsewhere imbot.ChatID = 14
	// ChatOwned is an ordinary group that belongs to [BotMain], which may leave it.
	ChatOwned imbot.ChatID = 15
	// ChatWorkgroup is the chat of a workgroup. It is left by imbot.v2.Chat.leave alone.
	ChatWorkgroup imbot.ChatID = 16
	// ChatCRM is the chat of a CRM item that belongs to [BotMain], which may therefore not leave it by imbot.chat.leave.
	ChatCRM imbot.ChatID = 17
	// ChatPrivate is the private chat of [BotMain] and [Employee]. It is left by imbot.v2.Chat.leave alone.
	ChatPrivate imbot.ChatID = 18
)

// longAgo is past by every clock, that of a bubble of testing/synctest included, which starts in the year 2000.
var longAgo = time.Unix(1, 0)

// populate adds what a new portal has. The webhooks are there in an empty one, too: without one it could not even be
// asked.
func (p *Portal) populate() {
	store, world := p.server.Store, p.server.World
	scopes := []string{ScopeBots}
	store.AddWebhook(tokens.Webhook{UserID: Employee, Secret: Secret, Scopes: scopes})
	store.AddWebhook(tokens.Webhook{UserID: Employee, Secret: SecretNoScope})
	p.server.OAuth.Add(tokens.Application{ID: App, Secret: AppSecret, Scopes: scopes})
	if p.config.empty {
		return
	}
	store.AddToken(tokens.Token{AccessToken: TokenOK, App: App, UserID: Employee, Scopes: scopes})
	store.AddToken(tokens.Token{AccessToken: TokenExpired, App: App, UserID: Employee, Scopes: scopes, Expires: longAgo})

	world.AddBot(methods.Bot{ID: BotMain, Code: "main", Name: "Main bot", ClientID: ClientID})
	world.AddBot(methods.Bot{ID: BotSecond, Code: "second", Name: "Second bot", ClientID: ClientID, OpenLine: true})
	world.AddBot(methods.Bot{ID: BotOfApp, Code: "app", Name: "Bot of an application", App: App})

	const main, second, ofApp = imbot.UserID(BotMain), imbot.UserID(BotSecond), imbot.UserID(BotOfApp)
	for _, chat := range []Chat{
		{ID: ChatGeneral, Kind: General, Title: "General chat", Owner: Employee, Members: []imbot.UserID{Employee, main, second, ofApp}},
		{ID: ChatGroup, Kind: Group, Title: "Group", Owner: Employee, Members: []imbot.UserID{Employee, main, ofApp}},
		{ID: ChatElsewhere, Kind: Group, Title: "Group without the bot", Owner: Employee, Members: []imbot.UserID{Employee, second}},
		{ID: ChatOwned, Kind: Group, Title: "Group of the bot", Owner: main, Members: []imbot.UserID{main, Employee}},
		{ID: ChatWorkgroup, Kind: Workgroup, Title: "Workgroup", EntityID: "7", Owner: Employee, Members: []imbot.UserID{Employee, main}},
		{ID: ChatCRM, Kind: CRM, Title: "Deal", EntityID: "5", Owner: main, Members: []imbot.UserID{main, Employee}},
		{ID: ChatPrivate, Kind: Private, Owner: main, Members: []imbot.UserID{main, Employee}},
	} {
		world.AddChat(chat.model())
	}
}
