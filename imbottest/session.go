package imbottest

import (
	"context"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// method is the model of a REST method: a function that acts on the portal's state and returns the result, or a
// *failure. It has no need to look at authorization and limits.
type method struct {
	scope string
	run   func(s *session, params *php.Array) (any, error)
}

// methods are all that the portal has a model of, by their names in lower case. Each has its own file.
var methods = map[string]method{
	"imbot.bot.list":          {ScopeBots, botList},
	"imbot.chat.add":          {ScopeBots, chatAdd},
	"imbot.chat.get":          {ScopeBots, chatGet},
	"imbot.chat.leave":        {ScopeBots, chatLeave},
	"imbot.chat.sendtyping":   {ScopeBots, chatSendTyping},
	"imbot.chat.setmanager":   {ScopeBots, chatSetManager},
	"imbot.chat.setowner":     {ScopeBots, chatSetOwner},
	"imbot.chat.updateavatar": {ScopeBots, chatUpdateAvatar},
	"imbot.chat.updatecolor":  {ScopeBots, chatUpdateColor},
	"imbot.chat.updatetitle":  {ScopeBots, chatUpdateTitle},
	"imbot.chat.user.add":     {ScopeBots, chatUserAdd},
	"imbot.chat.user.delete":  {ScopeBots, chatUserDelete},
	"imbot.chat.user.list":    {ScopeBots, chatUserList},
	"imbot.dialog.get":        {ScopeBots, dialogGet},
	"imbot.v2.chat.leave":     {ScopeBots, v2ChatLeave},
}

// session is a caller whom the portal has let in.
type session struct {
	world  *world
	who    identity
	joined []joining // what bots are to be told of when the call is over
}

// run looks the method up, then at the caller, then calls the method: a wrong name is a 404 for strangers, too.
func (p *Portal) run(ctx context.Context, x *exchange) (any, error) {
	name := x.route.name()
	if name == batchName {
		return p.runBatch(ctx, x)
	}
	model, known := methods[name]
	if !known {
		p.reporter.unexpected(x.route.method)
		return nil, errMethod
	}
	who, err := p.authorize(x, model.scope)
	if err != nil {
		return nil, err
	}
	if p.budget.exhausted(budgetKey{account: who.account, method: name}, time.Now()) {
		return nil, errOperating
	}
	began := time.Now()
	s := &session{world: p.world, who: who}
	result, err := model.run(s, x.params)
	if cut := p.charge(ctx, x, began); cut != nil {
		result, err = nil, cut
	}
	for _, j := range s.joined {
		p.postJoin(context.WithoutCancel(ctx), j) // for a caller who has gone, too
	}
	return result, err
}

// add puts users into a chat, and keeps the bots among those who are new there to tell them. The caller holds the
// world's mu.
func (s *session) add(to *room, users []imbot.UserID, by imbot.BotID, hideHistory bool) {
	before := len(to.Members)
	s.world.add(to, users, hideHistory)
	for _, member := range to.Members[before:] {
		if bot, isBot := s.world.bot(imbot.BotID(member)); isBot {
			s.joined = append(s.joined, joining{copyChat(to.Chat), bot, imbot.UserID(by)})
		}
	}
}

// application returns whose bots the call is about: for OAuth those of the application, for a webhook those registered
// with the CLIENT_ID that the call names.
func (s *session) application(params *php.Array) (string, error) {
	if s.who.app != "" {
		return s.who.app, nil
	}
	clientID := params.Get("CLIENT_ID")
	if php.IsEmpty(clientID) {
		return "", errNoClientID
	}
	return customApplication(php.StringOf(clientID)), nil
}

// bot returns the bot that the call is about. A BOT_ID that was sent has to be right, even if it is 0 or ""; only
// without one is it the first bot of the application. The caller holds the world's mu.
func (s *session) bot(params *php.Array) (imbot.BotID, error) {
	application, err := s.application(params)
	if err != nil {
		return 0, err
	}
	id := params.Get("BOT_ID")
	if id == nil {
		first, known := s.world.firstBot(application)
		if !known {
			return 0, errBotID
		}
		return first.ID, nil
	}
	named, known := s.world.bot(imbot.BotID(php.Intval(id)))
	switch {
	case !known:
		return 0, errBotID
	case named.application() != application:
		return 0, errAppID
	}
	return named.ID, nil
}
