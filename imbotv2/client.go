package imbotv2

import (
	"fmt"

	"github.com/seed-a6e4e5a4/imbot"
)

// Client has the methods that need no bot, and makes those that act as one. It is made by [New], and safe for concurrent
// use.
type Client struct {
	Bot      *BotService      // the methods imbot.v2.Bot.* that need no bot
	IM       *IMService       // the methods im.v2.*, of users
	Revision *RevisionService // the methods imbot.v2.Revision.*

	client *imbot.Client
}

// BotService has the methods imbot.v2.Bot.* that need no bot, as [Client.Bot]. The others are on [Bot] itself.
//
// Example: https://pkg.go.dev/github.com/seed-a6e4e5a4/imbot/imbotv2#example-BotService.Register
type BotService struct{ client *imbot.Client }

// caller returns the client, or nil for the service of a [Client] that was not made by [New], which calls refuse.
func (s *BotService) caller() *imbot.Client {
	if s == nil {
		return nil
	}
	return s.client
}

// RevisionService has the methods imbot.v2.Revision.*, as [Client.Revision].
//
// Example: https://pkg.go.dev/github.com/seed-a6e4e5a4/imbot/imbotv2#example-RevisionService.Get
type RevisionService struct{ client *imbot.Client }

// caller returns the client, as that of [BotService] does.
func (s *RevisionService) caller() *imbot.Client {
	if s == nil {
		return nil
	}
	return s.client
}

// New returns the methods of the second generation for a client. It makes no request. Those of a client that is nil fail
// with a [*imbot.ParamError].
func New(client *imbot.Client) *Client {
	if client == nil {
		client = new(imbot.Client)
	}
	im := &IMService{Event: &IMEventService{client}, File: &IMFileService{client}}
	return &Client{Bot: &BotService{client}, IM: im, Revision: &RevisionService{client}, client: client}
}

// Format prints the portal and no secret, whatever the verb.
func (c Client) Format(f fmt.State, _ rune) { _, _ = fmt.Fprintf(f, "imbotv2.Client(%v)", c.client) }

// Identity is a bot and what it proves itself by. Printed, it shows the bot alone.
type Identity struct {
	BotID    imbot.BotID // the bot; required
	BotToken string      // what a webhook registered it with, CLIENT_ID in the first generation; empty: see [imbot.WithClientID]
}

// Format prints the bot and no secret, whatever the verb.
func (i Identity) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "imbotv2.Identity(%d)", int64(i.BotID))
}

// MarshalText returns the id of the bot, for JSON and loggers.
func (i Identity) MarshalText() ([]byte, error) { return fmt.Append(nil, int64(i.BotID)), nil }

// Bot has the methods that act as one bot. It is made by [Client.As], and safe for concurrent use. The methods fail as
// [imbot.Call] says, and where the portal does not know the bot or takes it for another application's ([imbot.ErrBotID],
// [imbot.ErrAppID], [imbot.ErrClientIDMissing]); their comments name what else they fail with. A value that its field does
// not allow is a [*imbot.ParamError], and nothing is sent. Methods that only read are repeated after a lost answer, and
// those that act are not, unless their comment says so.
type Bot struct {
	Chat    *ChatService    // the methods imbot.v2.Chat.*
	Command *CommandService // the methods imbot.v2.Command.*
	Event   *EventService   // the methods imbot.v2.Event.*
	File    *FileService    // the methods imbot.v2.File.*

	base   *imbot.Client // of the [Client] that made it
	client *imbot.Client // with the token of the bot
	id     imbot.BotID
}

// ChatService has the methods imbot.v2.Chat.*, as [Bot.Chat].
//
// Example: https://pkg.go.dev/github.com/seed-a6e4e5a4/imbot/imbotv2#example-ChatService.EnsureLeft
type ChatService struct {
	InputAction *InputActionService // the methods imbot.v2.Chat.InputAction.*
	Manager     *ManagerService     // the methods imbot.v2.Chat.Manager.*
	Message     *MessageService     // the methods imbot.v2.Chat.Message.*
	TextField   *TextFieldService   // the methods imbot.v2.Chat.TextField.*
	User        *UserService        // the methods imbot.v2.Chat.User.*

	bot *Bot
}

// InputActionService has the methods imbot.v2.Chat.InputAction.*, as [ChatService.InputAction].
//
// Example: https://pkg.go.dev/github.com/seed-a6e4e5a4/imbot/imbotv2#example-InputActionService.Notify
type InputActionService struct{ bot *Bot }

// ManagerService has the methods imbot.v2.Chat.Manager.*, as [ChatService.Manager].
//
// Example: https://pkg.go.dev/github.com/seed-a6e4e5a4/imbot/imbotv2#example-ManagerService.Add
type ManagerService struct{ bot *Bot }

// MessageService has the methods imbot.v2.Chat.Message.*, as [ChatService.Message].
//
// Example: https://pkg.go.dev/github.com/seed-a6e4e5a4/imbot/imbotv2#example-MessageService.Send
type MessageService struct {
	Reaction *ReactionService // the methods imbot.v2.Chat.Message.Reaction.*

	bot *Bot
}

// ReactionService has the methods imbot.v2.Chat.Message.Reaction.*, as [MessageService.Reaction].
//
// Example: https://pkg.go.dev/github.com/seed-a6e4e5a4/imbot/imbotv2#example-ReactionService.Add
type ReactionService struct{ bot *Bot }

// TextFieldService has the methods imbot.v2.Chat.TextField.*, as [ChatService.TextField].
//
// Example: https://pkg.go.dev/github.com/seed-a6e4e5a4/imbot/imbotv2#example-TextFieldService.Enabled
type TextFieldService struct{ bot *Bot }

// UserService has the methods imbot.v2.Chat.User.*, as [ChatService.User].
//
// Example: https://pkg.go.dev/github.com/seed-a6e4e5a4/imbot/imbotv2#example-UserService.Add
type UserService struct{ bot *Bot }

// CommandService has the methods imbot.v2.Command.*, as [Bot.Command].
//
// Example: https://pkg.go.dev/github.com/seed-a6e4e5a4/imbot/imbotv2#example-CommandService.Register
type CommandService struct{ bot *Bot }

// EventService has the methods imbot.v2.Event.*, as [Bot.Event].
//
// Example: https://pkg.go.dev/github.com/seed-a6e4e5a4/imbot/imbotv2#example-EventService.Get
type EventService struct{ bot *Bot }

// FileService has the methods imbot.v2.File.*, as [Bot.File].
//
// Example: https://pkg.go.dev/github.com/seed-a6e4e5a4/imbot/imbotv2#example-FileService.Download
type FileService struct{ bot *Bot }

// As returns the methods that act as a bot. Requests that name no bot get its id, and by webhook its token; under OAuth
// a token is not sent.
func (c *Client) As(identity Identity) *Bot {
	if c.client == nil { // it was not made by New, and calls refuse such a client
		c = New(nil)
	}
	client := c.client
	if identity.BotToken != "" && !client.IsOAuth() { // the first generation, by which a bot is looked for, would be sent it
		client = client.As(identity.BotToken)
	}
	b := &Bot{base: c.client, client: client, id: identity.BotID}
	message := &MessageService{Reaction: &ReactionService{b}, bot: b}
	b.Chat = &ChatService{
		InputAction: &InputActionService{b}, Manager: &ManagerService{b}, Message: message, TextField: &TextFieldService{b},
		User: &UserService{b}, bot: b,
	}
	b.Command, b.Event, b.File = &CommandService{b}, &EventService{b}, &FileService{b}
	return b
}

// ID returns the id of the bot.
func (b *Bot) ID() imbot.BotID { return b.id }

// Client returns the client that carries the token of the bot, by webhook, for batches and for methods without a wrapper.
// Requests have to name the bot there.
func (b *Bot) Client() *imbot.Client { return b.client }

// Format prints the bot and the portal, and no secret, whatever the verb.
func (b Bot) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "imbotv2.Bot(%d, %v)", int64(b.id), b.client)
}
