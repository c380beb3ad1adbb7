package imbottest

import (
	"testing"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/methods"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/tokens"
)

// Portal is a fake Bitrix24 portal. Make one with [NewPortal] or [Start]; the zero value is of no use. It is safe for
// concurrent use. Bad arguments to its methods, such as a status outside 200 to 599 for an answer, fail the test; a
// program, which has none to fail, panics.
type Portal struct {
	config   config
	reporter reporter
	world    *methods.World
	journal  journal
	scripts  scripts
	faults   faults
	site     *site
	bucket   *bucket
	budget   *budget
	server   server
	store    *tokens.Store
	oauth    *oauthServer
	outbox   outbox
}

// NewPortal returns a portal for a test, which is closed when the test ends. A call of a method that the portal neither
// knows nor was told to answer by [Portal.On] fails the test, by the method's name. So does a fault that no call has
// met, or an answer that nobody has asked for, when the test ends: see [Portal.Unmet].
func NewPortal(t testing.TB, opts ...Option) *Portal {
	t.Helper()
	p := newPortal(opts)
	p.reporter.t = t
	t.Cleanup(p.end)
	return p
}

// Start returns a portal for a program, which has to [Portal.Close] it. A call of a method that the portal does not
// know is answered as a real one would: there is no such method. Without a test to fail, bad arguments to the methods
// of the portal panic, and [Portal.Unmet] tells of faults that were not met.
func Start(opts ...Option) *Portal {
	return newPortal(opts)
}

func newPortal(opts []Option) *Portal {
	p := &Portal{world: methods.NewWorld(Host), site: newSite(Host), store: tokens.NewStore()}
	for _, opt := range opts {
		if opt != nil {
			opt(&p.config)
		}
	}
	keep := p.config.keepCalls
	p.oauth = &oauthServer{Server: tokens.NewServer(tokens.Config{MemberID: MemberID, UserID: Employee, Keep: keep}, p.store)}
	p.oauth.Add(tokens.Application{ID: App, Secret: AppSecret, Scopes: []string{ScopeBots}})
	p.journal.calls.keep, p.oauth.calls.keep, p.outbox.deliveries.keep = keep, keep, keep
	p.bucket = newBucket(p.config.perSecond, p.config.burst)
	p.budget = newBudget(p.config.operatingLimit)
	addWebhooks(p.store)
	if !p.config.empty {
		addTokens(p.store)
		populate(p.world)
	}
	return p
}

// Close stops the server behind [Portal.URL], if it was started, and cuts its connections. From then on nobody answers
// at the portal's addresses. A call that is in the portal at that moment, kept waiting by a fault or by its cost, ends
// by a reset connection when its wait is over, and what it had not done by the time of Close is never done. Closing
// twice does no harm.
func (p *Portal) Close() {
	p.reporter.close()
	p.site.shut()
	p.server.close()
}

// AddBot registers a bot, or changes the one with this id. A call that names no bot means the bot of its application
// that was registered first.
func (p *Portal) AddBot(bot Bot) {
	p.reporter.helper()
	if bot.ID <= 0 || (bot.ClientID == "") == (bot.App == "") {
		p.reporter.fatalf("imbottest: AddBot: want a positive ID and either a ClientID or an App, got ID %d, ClientID %q, App %q",
			bot.ID, bot.ClientID, bot.App)
		return
	}
	p.world.AddBot(methods.Bot(bot))
}

// AddUser sets what is known of a user; a user never added is an ordinary employee.
func (p *Portal) AddUser(user User) {
	p.reporter.helper()
	if user.ID <= 0 {
		p.reporter.fatalf("imbottest: AddUser: want a positive ID, got %d", user.ID)
		return
	}
	p.world.AddUser(methods.User(user))
}

// AddChat makes a chat, or replaces the one with this id and forgets what happened in it.
func (p *Portal) AddChat(chat Chat) {
	p.reporter.helper()
	if _, known := methods.Kind(chat.Kind).Name(); chat.ID <= 0 || !known {
		p.reporter.fatalf("imbottest: AddChat: want a positive ID and a Kind of this package, got ID %d, %v", chat.ID, chat.Kind)
		return
	}
	p.world.AddChat(chat.model())
}

// AddWebhook makes an incoming webhook, or replaces the one with this secret.
func (p *Portal) AddWebhook(hook Webhook) {
	p.reporter.helper()
	if hook.UserID <= 0 || hook.Secret == "" {
		p.reporter.fatalf("imbottest: AddWebhook: want a positive UserID and a Secret, got UserID %d, Secret %q", hook.UserID, hook.Secret)
		return
	}
	p.store.AddWebhook(tokens.Webhook(hook))
}

// AddToken issues an access token, or replaces the one with this text.
func (p *Portal) AddToken(token Token) {
	p.reporter.helper()
	if token.AccessToken == "" || token.App == "" {
		p.reporter.fatalf("imbottest: AddToken: want an AccessToken and an App, got %q and %q", token.AccessToken, token.App)
		return
	}
	p.store.AddToken(tokens.Token(token))
}

// Expire ends the life of an access token now.
func (p *Portal) Expire(accessToken string) {
	p.reporter.helper()
	if !p.store.Expire(accessToken, time.Now()) {
		p.reporter.fatalf("imbottest: Expire: no such token, add it by AddToken first")
	}
}

// Chat returns a chat as it is now, and false if there is none with this id.
func (p *Portal) Chat(id imbot.ChatID) (Chat, bool) {
	chat, _, known := p.world.Chat(id)
	return chatOf(chat), known
}

// Members returns the users and bots in a chat, and none for a chat that does not exist.
func (p *Portal) Members(id imbot.ChatID) []imbot.UserID {
	chat, _, _ := p.world.Chat(id)
	return chat.Members
}

// Has tells whether a bot is in a chat.
func (p *Portal) Has(chat imbot.ChatID, bot imbot.BotID) bool {
	for _, member := range p.Members(chat) {
		if member == imbot.UserID(bot) {
			return true
		}
	}
	return false
}

// Removals returns how many times somebody was removed from a chat. A repeated call that acts twice shows here.
func (p *Portal) Removals(id imbot.ChatID) int {
	_, removals, _ := p.world.Chat(id)
	return removals
}
