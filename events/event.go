package events

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"net/url"
	"strings"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/redact"
	"github.com/seed-a6e4e5a4/imbot/oauth"
)

// The names of events that [Handler] has a callback for. Names are always in upper case. Those of the second generation
// are in imbotv2: imbotv2.EventMessageAdd and its neighbors.
const (
	// JoinChat: a bot was added to a chat, or a user has opened a private chat with it.
	JoinChat = "ONIMBOTJOINCHAT"
	// MessageAdd: somebody wrote to a bot, in a group by mentioning it.
	MessageAdd = "ONIMBOTMESSAGEADD"
	// BotDelete: a bot was deleted. From then on it is unknown to every method.
	BotDelete = "ONIMBOTDELETE"
	// AppInstall: the application was installed. The event brings the tokens, and the application token that proves
	// all later ones.
	AppInstall = "ONAPPINSTALL"
	// AppUninstall: the application was removed. The event has no tokens but the application token.
	AppUninstall = "ONAPPUNINSTALL"
)

// The names of the other events of the first generation.
const (
	// MessageUpdate: a message that a bot has had an event for was changed.
	MessageUpdate = "ONIMBOTMESSAGEUPDATE"
	// MessageDelete: such a message was deleted.
	MessageDelete = "ONIMBOTMESSAGEDELETE"
	// ContextGet: a dialog with a bot was opened by a link with a context.
	ContextGet = "ONIMBOTCONTEXTGET"
	// CommandAdd: somebody gave a command of a bot, or pressed a button that has one.
	CommandAdd = "ONIMCOMMANDADD"
)

// Event is what a portal has posted. Whether it was that portal, only [Event.Verify] tells. Printed or logged, it shows
// no secret; as JSON, and in its fields, it has them all.
type Event struct {
	// Name says what happened, in upper case: [JoinChat] or any other.
	Name string
	// ChatID is the chat it happened in. It is zero in a private chat, which cannot be left.
	ChatID imbot.ChatID
	// DialogID is the same place as the portal writes it: "chat1157", or the id of the user in a private chat.
	DialogID imbot.DialogID
	// ChatType is "P" for a private chat, "C" for a closed group, "O" for an open one; empty if not sent.
	ChatType string
	// ChatAuthorID owns the chat; zero if not sent. A bot that owns a chat may not be allowed to leave it.
	ChatAuthorID imbot.UserID
	// UserID is who added the bot or wrote the message; zero for events that are about neither.
	UserID imbot.UserID
	// Bots are the bots of the application that the event is for, ordered by id: one for [BotDelete] and in the second
	// generation, and from a real portal one for [JoinChat] and at least one for [MessageAdd]; none for installations.
	Bots []Bot
	// Auth is for whom the application acts here: the user who caused the event, or who installs. It may be without
	// tokens.
	Auth oauth.Token
	// ApplicationToken is what the sender proves itself by. It is a secret.
	ApplicationToken string
	// MemberID identifies the portal, whatever its name becomes. In the second generation it may be missing, and all that
	// is known of the portal is Auth.Domain.
	MemberID string
	// HandlerID is the portal's number for this address of ours; empty if not sent.
	HandlerID string
	// Time is when the portal made the event; zero if not sent.
	Time time.Time
	// Values has every field of the form, secrets included, under the name that PHP has for it, such as
	// "data[PARAMS][MESSAGE]". Each has one value: of two fields with one name the later counts. JSON is under the same
	// names, with "1" for true, "0" for false and "" for null.
	Values url.Values
	// LeftOut is how many fields are not in Values, and in no other field: those nested deeper than 64 levels, and all
	// after the first 10,000 fields and arrays of a form. The application token, tokens, bots and parameters such as
	// "data[PARAMS][MESSAGE]" are kept beyond that. Of JSON, what has a name of more than 400 bytes is left out, too,
	// and the elements of a list after the first 20,000; an object or list that is left out counts once. Bots and
	// commands beyond a hundred count as well, and are in Values alone.
	LeftOut int

	kept bool // it was read by UnmarshalBinary
}

// Bot is a bot that an event is for. Printed or logged, it shows no secret.
type Bot struct {
	// ID is the bot's id.
	ID imbot.BotID
	// Code is what the application calls the bot.
	Code string
	// ClientID is the CLIENT_ID of a bot that was registered by a webhook. It is a secret, and empty for the bots of an
	// application, which have a Token instead.
	ClientID string
	// Token acts for the bot, for an hour. It is empty for bots that were registered by a webhook, and in [BotDelete].
	Token oauth.Token
}

// Param returns a parameter of the event by its name, such as "MESSAGE" or "LANGUAGE", and "" where there is none.
func (e *Event) Param(name string) string { return e.Values.Get("data[PARAMS][" + name + "]") }

// Verify tells whether the event was sent by the portal that stored belongs to: the application token that came with
// its installation. Bots that were registered by a webhook have their CLIENT_ID in its place. In the second generation
// that is their botToken, which the portal sends behind the word "custom", cut to 50 characters; stored may be either.
// The time that it takes tells nothing about what is right. An empty token proves nothing.
func (e *Event) Verify(stored string) bool {
	custom := customToken + stored
	custom = custom[:min(len(custom), longestCustom)]
	same := e.hasToken(stored) | e.hasToken(custom) // both are compared, whatever comes of the first
	return same == 1 && stored != ""
}

// What a portal makes of a botToken, as the application token of a bot that has no application.
const (
	customToken   = "custom"
	longestCustom = 50
)

// hasToken returns 1 if the application token is that, and else 0, in constant time.
func (e *Event) hasToken(token string) int {
	got, want := sha256.Sum256([]byte(e.ApplicationToken)), sha256.Sum256([]byte(token))
	return subtle.ConstantTimeCompare(got[:], want[:])
}

// LeaveRequest returns the request that takes a bot out of the chat of the event, for ChatService.Leave and
// ChatService.EnsureLeft. It returns false where there is nothing to leave: in a private chat, and where the event is
// about no chat.
func (e *Event) LeaveRequest(bot Bot) (imbot.ChatLeaveRequest, bool) {
	if e.ChatID == 0 || bot.ID == 0 {
		return imbot.ChatLeaveRequest{}, false
	}
	return imbot.ChatLeaveRequest{ChatID: e.ChatID, BotID: bot.ID, ClientID: bot.ClientID}, true
}

// ErrNoToken is the error of [Bot.Client] for a bot that came without a token.
var ErrNoToken = imbot.NewError("events: the bot came without a token; if it was registered by a webhook, call by that webhook", imbot.Advice{
	Meaning: "the bot of an event came without a token",
	Action:  "call by the webhook that registered the bot",
})

// Client returns a client that acts by the token of the bot, and shares everything else with base: options,
// connections, limits. The token is good for an hour, so the client is for this event alone.
//
// endpoint is the client_endpoint that was stored when the application was installed on this portal. Do not take it
// from the event, not even from Token.ClientEndpoint: whoever forges an event chooses what is in there.
//
// The error is [ErrNoToken], or a [*imbot.ParamError] for a mistake in endpoint.
func (b Bot) Client(base *imbot.Client, endpoint string) (*imbot.Client, error) {
	if b.Token.AccessToken == "" {
		return nil, ErrNoToken
	}
	return base.With(imbot.OAuth(endpoint, hidden(redact.NewSecret(b.Token.AccessToken))))
}

// hidden is a token source that no printing reaches into.
type hidden redact.Secret

// Token returns the token.
func (h hidden) Token(context.Context) (string, error) { return redact.Secret(h).Reveal(), nil }

// secrets are what must not be repeated by an error about the event. Portals send some of them twice, in two places
// that need not agree, and others where no field of the event takes them from.
func (e *Event) secrets() redact.Set {
	set := redact.Set{
		redact.NewSecret(e.ApplicationToken), redact.NewSecret(strings.TrimPrefix(e.ApplicationToken, customToken)),
		redact.NewSecret(e.Auth.AccessToken), redact.NewSecret(e.Auth.RefreshToken),
	}
	for _, bot := range e.Bots {
		set = append(set, redact.NewSecret(bot.ClientID), redact.NewSecret(bot.Token.AccessToken), redact.NewSecret(bot.Token.RefreshToken))
	}
	for name, values := range e.Values {
		if !isSecretName(name) {
			continue
		}
		for _, value := range values {
			set = append(set, redact.NewSecret(value))
		}
	}
	return set
}

// isSecretName reports whether a field such as data[BOT][571][AUTH][access_token] has a secret.
func isSecretName(name string) bool {
	name = strings.ToLower(name)
	for _, key := range []string{"access_token]", "refresh_token]", "application_token]", "client_id]"} {
		if strings.HasSuffix(name, key) {
			return true
		}
	}
	return false
}
