package imbottest

import (
	"net/http"
	"net/url"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
)

// MemberID identifies every portal of this package that has no other id, by [WithMemberID].
const MemberID = "00000000000000000000000000000000"

// ApplicationToken is what proves the events for [App]. Those for another application have its name in the place of
// App. Those for a bot that was registered by a webhook are proven by its CLIENT_ID alone, such as [ClientID]; in
// imbot.v2 by the word custom and its token together, of which only the first 50 characters are sent.
const ApplicationToken = applicationTokens + App

const applicationTokens = "application-token-of-"

// Delivery is an event that the portal has posted, and what came of it.
type Delivery struct {
	// Event is the name, such as ONIMBOTJOINCHAT.
	Event string
	// URL is where the event was posted, with the CLIENT_ID of bots that were registered by a webhook.
	URL string
	// Body is the form.
	Body string
	// Status is that of the answer, 0 if there was none.
	Status int
	// Err is why there was no answer.
	Err error
	// At is when the event was posted.
	At time.Time
}

// SendEvents makes the portal post its events to a handler at this URL, over the network. That is where the events of
// all bots go, but for those who fetch theirs: a [Bot.WebhookURL] is not looked at. In the events, the portal is at
// [Portal.ServerEndpoint]. The methods that cause events say so: [Portal.AddMember] and its neighbors. Of the REST
// methods, imbot.chat.add and imbot.chat.user.add post ONIMBOTJOINCHAT for each bot among the USERS that are new in the
// chat, and so do those of imbot.v2, which make private chats as well. All of them return, or answer, when the handler
// has answered; a real portal posts events when it gets to it, and in any order.
func (p *Portal) SendEvents(handlerURL string) {
	target, err := url.Parse(handlerURL)
	if err != nil || target.Host == "" {
		p.reporter.Fatalf("imbottest: SendEvents: want the URL of a handler, got %q", handlerURL)
		return
	}
	p.server.SendEvents(target, p.URL())
}

// SendEventsTo makes the portal hand its events to a handler in memory, as posts to https://bot.example/. There is no
// network and no goroutine, so that it works in a bubble of testing/synctest. In the events, the portal is at
// [Portal.Endpoint]. See [Portal.SendEvents] for the rest.
func (p *Portal) SendEventsTo(handler http.Handler) { p.server.SendEventsTo(handler) }

// Deliveries returns the events that were posted, in order: all, or those with the given names.
func (p *Portal) Deliveries(events ...string) []Delivery {
	var found []Delivery
	for _, delivery := range p.server.Deliveries(events...) {
		found = append(found, Delivery(delivery))
	}
	return found
}

// AddMember adds a user or a bot to a chat, as somebody who is there does. A bot gets ONIMBOTJOINCHAT, in the form of
// private chats if the chat is one, and a bot of imbot.v2 ONIMBOTV2JOINCHAT. A member stays one, without an event.
func (p *Portal) AddMember(chat imbot.ChatID, member, by imbot.UserID) {
	if !p.server.AddMember(chat, member, by) {
		p.reporter.Fatalf("imbottest: AddMember: there is no chat %d, add it by AddChat first", chat)
	}
}

// DeleteBot deletes a bot. From then on no call knows it, and it is in no chat. It gets ONIMBOTDELETE, or
// ONIMBOTV2DELETE if it is one of imbot.v2 whose events are posted: nothing can be fetched for a bot that is gone.
func (p *Portal) DeleteBot(id imbot.BotID) {
	if !p.server.DeleteBot(id) {
		p.reporter.Fatalf("imbottest: DeleteBot: there is no bot %d, add it by AddBot first", id)
	}
}

// InstallApp installs an OAuth application for [Employee]. The portal posts ONAPPINSTALL, with a pair of tokens.
func (p *Portal) InstallApp(app string) { p.server.InstallApp(app) }

// UninstallApp removes an OAuth application, as [Portal.RemoveApplication] does. The portal posts ONAPPUNINSTALL, which
// has no tokens.
func (p *Portal) UninstallApp(app string) {
	if !p.server.UninstallApp(app) {
		p.reporter.Fatalf("imbottest: RemoveApplication: no such application")
	}
}
