// Package methods has the REST methods of the fake portal, and the chats, users and bots that they act on.
//
// A method is a row of a table: its name, the steps that the server takes before it acts, in the order in which it
// reports the mistakes of a call, and the act. The steps that methods share (which chat, which bot, a parameter, a rule
// for kinds of chats) are values. A check that only one method has is a function beside its row.
package methods

import (
	"slices"
	"strings"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// Method is the model of a REST method.
type Method struct {
	name   string
	scopes []string // the permissions of which one is enough; if there are none, the first part of the name
	exact  bool     // the names of parameters have exactly one form; otherwise their letter case does not count
	steps  []step
	act    func(c *call) any // returns the result
}

// all has all that the portal has a model of.
var all = slices.Concat(
	common, people, bots, chats, chatMembers, dialogs, v1Bots, v1Messages, v1Commands,
	v2Bots, v2Chats, v2Members, v2Messages, v2MessageActs, v2Commands, v2Files, v2Events, v2Others,
)

// table has the methods by their names in lower case.
var table = func() map[string]*Method {
	byName := make(map[string]*Method)
	for i := range all {
		byName[strings.ToLower(all[i].name)] = &all[i]
	}
	return byName
}()

// Find returns the model of a method, whose name is in lower case, and false if there is none.
func Find(name string) (method *Method, known bool) {
	method, known = table[name]
	return method, known
}

// Scopes returns the permissions of which the method needs one. A method for everybody has [Everybody] there.
func (m *Method) Scopes() []string {
	if m.scopes != nil {
		return m.scopes
	}
	scope, _, _ := strings.Cut(m.name, ".")
	return []string{scope}
}

// Caller is whom the portal takes the caller for.
type Caller struct {
	User   imbot.UserID // for whom the call acts
	App    string       // the OAuth application, "" for a webhook
	Scopes []string     // what the credentials are good for
	Card   Card         // of the OAuth application
	Link   string       // the address of a download with these credentials, up to the token of the file

	SelfHosted bool // the portal is not in the cloud

	WorksFor time.Duration // how long the call will be at work
}

// Joining is that a bot has added another one, or itself, to a chat.
type Joining struct {
	Chat Chat
	Bot  Bot
	By   imbot.UserID
}

// Outcome is what a call has come to.
type Outcome struct {
	Result any
	Raised Raised
}

// Run calls the method. Its error is a *Failure.
func (m *Method) Run(world *World, caller Caller, params *php.Array) (Outcome, error) {
	if !m.exact {
		params = params.Upper()
	}
	world.mu.Lock()
	defer world.mu.Unlock()
	c := &call{world: world, known: all, caller: caller, params: params}
	for _, step := range m.steps {
		if err := step.take(c); err != nil {
			return Outcome{Raised: world.take()}, err
		}
	}
	result := m.act(c)
	return Outcome{result, world.take()}, nil
}

// call is a call of a method at work. The world's mu is held meanwhile.
type call struct {
	world   *World
	known   []Method // all methods of the portal
	caller  Caller
	params  *php.Array
	chat    *room        // which the call is about, once that is known
	bot     imbot.UserID // which the call is about, once that is known
	owner   Bot          // whose a new bot will be: its application alone
	command *Command     // which the call is about, once that is known
	message *Message     // which the call is about, once that is known
	draft   draft        // of the message that the call is about to write
}

// The following are parameters as PHP converts them.

func (c *call) text(name string) string { return php.StringOf(c.params.Get(name)) }

func (c *call) trimmed(name string) string { return php.Trim(c.params.Get(name)) }

func (c *call) user() imbot.UserID { return imbot.UserID(php.Intval(c.params.Get("USER_ID"))) }

// isMember reports whether a user is in the chat in the way that the methods for chats want it: a private chat is none
// of theirs.
func (c *call) isMember(user imbot.UserID) bool {
	return !c.chat.Kind.has(private) && slices.Contains(c.chat.Members, user)
}
