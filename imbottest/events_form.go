package imbottest

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
)

// MemberID identifies every portal of this package.
const MemberID = "00000000000000000000000000000000"

// ApplicationToken is what proves the events for [App]. Those for another application have its name in the place of
// App. Those for a bot that was registered by a webhook are proven by its CLIENT_ID alone, such as [ClientID].
const ApplicationToken = applicationTokens + App

const applicationTokens = "application-token-of-"

// text is a number as it stands in an event, where everything is a text.
func text[T ~int | ~int64](n T) string { return strconv.FormatInt(int64(n), 10) }

// form is what every event has. The data come in between.
func (p *Portal) form(event string, data, auth *array) *array {
	return newArray().set("event", event).set("event_handler_id", "459").set("data", data).
		set("ts", text(time.Now().Unix())).set("auth", auth)
}

// tokensFor returns new tokens of an application, as events have them.
func (p *Portal) tokensFor(to *sink, app string, user imbot.UserID) *array {
	p.reporter.helper()
	at := p.addresses(to.from)
	var grant Grant
	if !p.oauth.change(app, func(card *application) { grant = p.grant(card, at) }) {
		p.reporter.errorf("imbottest: an event for the application %q, which is not there; add it by AddApplication first", app)
	}
	return newArray().set("access_token", grant.AccessToken).
		set("expires", text(grant.Expiry.Unix())).set("expires_in", text(int(accessLifetime.Seconds()))).
		set("scope", grant.Scope).set("domain", hostIn(at.client)).
		set("server_endpoint", at.server).set("status", grant.Status).
		set("client_endpoint", at.client).set("member_id", MemberID).
		set("refresh_token", grant.RefreshToken).set("user_id", text(user)).
		set("client_id", app).set("application_token", applicationTokens+app)
}

// acting is the "auth" of an event for the bots of an application: the tokens of the user who caused it. The bots of a
// webhook get none.
func (p *Portal) acting(to *sink, bot Bot, user imbot.UserID) *array {
	if bot.App == "" {
		return p.nobody(to, bot.ClientID)
	}
	return p.tokensFor(to, bot.App, user).without("client_id")
}

// nobody is the "auth" of an event that nobody's tokens come with.
func (p *Portal) nobody(to *sink, applicationToken string) *array {
	at := p.addresses(to.from)
	return newArray().set("domain", hostIn(at.client)).set("client_endpoint", at.client).
		set("server_endpoint", at.server).set("member_id", MemberID).set("application_token", applicationToken)
}

func hostIn(address string) string {
	parsed, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return parsed.Host
}

// botFields is a bot in the data of an event. The tokens of an application's bot stand there twice.
func (p *Portal) botFields(to *sink, bot Bot) *array {
	fields := newArray()
	if bot.App != "" {
		tokens := p.tokensFor(to, bot.App, imbot.UserID(bot.ID))
		fields.merge(tokens)
		fields.set("AUTH", tokens)
	}
	return fields.set("BOT_ID", text(bot.ID)).set("BOT_CODE", bot.Code)
}

// chatType is the letter that events have for a kind of chat.
func chatType(kind Kind) string {
	switch kind {
	case Private:
		return "P"
	case OpenChat, General:
		return "O"
	default:
		return "C"
	}
}

func person(user imbot.UserID) *array {
	return newArray().set("ID", text(user)).set("NAME", "Example Person").set("FIRST_NAME", "Example").
		set("LAST_NAME", "Person").set("WORK_POSITION", "").set("GENDER", "M")
}

func (p *Portal) joinEvent(to *sink, chat Chat, bot Bot, by imbot.UserID) *array {
	params := newArray().set("CHAT_TYPE", chatType(chat.Kind)).set("MESSAGE_TYPE", chatType(chat.Kind)).
		set("BOT_ID", text(bot.ID)).set("USER_ID", text(by))
	if chat.Kind == Private {
		params.set("TO_USER_ID", text(bot.ID)).set("FROM_USER_ID", text(by)).set("DIALOG_ID", text(by))
	} else {
		history := "1"
		if slices.Contains(chat.WithoutHistory, imbot.UserID(bot.ID)) {
			history = "0"
		}
		params.set("CHAT_ID", text(chat.ID)).set("CHAT_AUTHOR_ID", text(chat.Owner)).
			set("CHAT_ENTITY_TYPE", chat.entityType()).set("CHAT_ENTITY_ID", chat.EntityID).
			set("ACCESS_HISTORY", history).set("DIALOG_ID", string(chat.ID.DialogID()))
	}
	params.set("LANGUAGE", "en")
	data := newArray().set("BOT", newArray().set(text(bot.ID), p.botFields(to, bot))).
		set("PARAMS", params).set("USER", person(by))
	return p.form("ONIMBOTJOINCHAT", data, p.acting(to, bot, by).without("refresh_token"))
}

// message is what somebody has written.
type message struct {
	id        int
	from      imbot.UserID
	text      string
	mentioned []imbot.BotID
}

func (p *Portal) messageEvent(to *sink, chat Chat, bots []Bot, written message) *array {
	from := written.from
	mentions := newArray()
	for _, bot := range written.mentioned {
		mentions.set(text(bot), text(bot))
	}
	params := newArray().set("MESSAGE", written.text).set("MESSAGE_ID", text(written.id)).set("MESSAGE_ORIGINAL", written.text).
		set("MESSAGE_TYPE", chatType(chat.Kind)).set("CHAT_TYPE", chatType(chat.Kind)).
		set("FROM_USER_ID", text(from)).set("TO_USER_ID", text(bots[0].ID)).set("AUTHOR_ID", text(from)).
		set("TO_CHAT_ID", text(chat.ID)).set("CHAT_USER_COUNT", text(len(chat.Members))).
		set("LANGUAGE", "en").set("PLATFORM_CONTEXT", "web").set("COMMAND_CONTEXT", "TEXTAREA").set("MENTIONED_LIST", mentions)
	if chat.Kind == Private {
		params.set("DIALOG_ID", text(from))
	} else {
		params.set("DIALOG_ID", string(chat.ID.DialogID())).set("CHAT_ID", text(chat.ID)).set("CHAT_TITLE", chat.Title).
			set("CHAT_AUTHOR_ID", text(chat.Owner)).set("CHAT_ENTITY_TYPE", chat.entityType())
	}
	list := newArray()
	for _, bot := range bots {
		list.set(text(bot.ID), p.botFields(to, bot))
	}
	user := person(from).set("IS_BOT", "N").set("IS_CONNECTOR", "N").set("IS_NETWORK", "N").set("IS_EXTRANET", "N")
	data := newArray().set("BOT", list).set("PARAMS", params).set("USER", user)
	return p.form("ONIMBOTMESSAGEADD", data, p.acting(to, bots[0], from))
}

func (p *Portal) deleteEvent(to *sink, bot Bot) *array {
	data := newArray().set("BOT_ID", text(bot.ID)).set("BOT_CODE", bot.Code)
	return p.form("ONIMBOTDELETE", data, p.acting(to, bot, Employee).without("refresh_token"))
}

func (p *Portal) installEvent(to *sink, app string) *array {
	data := newArray().set("VERSION", "1").set("ACTIVE", "Y").set("INSTALLED", "Y").set("LANGUAGE_ID", "en")
	return p.form("ONAPPINSTALL", data, p.tokensFor(to, app, Employee).without("client_id"))
}

func (p *Portal) uninstallEvent(to *sink, app string) *array {
	data := newArray().set("LANGUAGE_ID", "en").set("CLEAN", "0")
	return p.form("ONAPPUNINSTALL", data, p.nobody(to, applicationTokens+app))
}

// join adds a member to a chat and returns the chat, and whether the member is new there.
func (w *world) join(id imbot.ChatID, member imbot.UserID) (chat Chat, added, known bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	found, known := w.chats[id]
	if !known {
		return Chat{}, false, false
	}
	if added = !slices.Contains(found.Members, member); added {
		found.Members = append(found.Members, member)
		if found.Kind != Private {
			w.say(found) // "joined the chat"
		}
	}
	return copyChat(found.Chat), added, true
}

func (w *world) findBot(id imbot.BotID) (Bot, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.bot(id)
}

// deleteBot forgets a bot and takes it out of all chats.
func (w *world) deleteBot(id imbot.BotID) (Bot, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	bot, known := w.bot(id)
	if !known {
		return Bot{}, false
	}
	delete(w.bots, id)
	w.order = slices.DeleteFunc(w.order, func(other imbot.BotID) bool { return other == id })
	for _, chat := range w.chats {
		chat.forget(imbot.UserID(id))
	}
	return bot, true
}

// addressed returns the bots that a message is for, by application. In a group these are the ones mentioned.
func (w *world) addressed(chat Chat, from imbot.UserID, mentioned []imbot.BotID) [][]Bot {
	w.mu.Lock()
	defer w.mu.Unlock()
	var groups [][]Bot
	for _, member := range chat.Members {
		bot, isBot := w.bot(imbot.BotID(member))
		if !isBot || member == from || chat.Kind != Private && !slices.Contains(mentioned, bot.ID) {
			continue
		}
		same := func(group []Bot) bool { return group[0].application() == bot.application() }
		if i := slices.IndexFunc(groups, same); i >= 0 {
			groups[i] = append(groups[i], bot)
		} else {
			groups = append(groups, []Bot{bot})
		}
	}
	slices.SortFunc(groups, func(a, b []Bot) int { return cmp.Compare(a[0].ID, b[0].ID) })
	return groups
}
