package imbottest

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/methods"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

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

// SendEvents makes the portal post its events to a handler at this URL, over the network. In the events, the portal is
// at [Portal.ServerEndpoint]. The methods that cause events say so: [Portal.AddMember] and its neighbors. Of the REST
// methods, imbot.chat.add and imbot.chat.user.add post ONIMBOTJOINCHAT for each bot among the USERS that are new in the
// chat. All of them return, or answer, when the handler has answered; a real portal posts events when it gets to it,
// and in any order.
func (p *Portal) SendEvents(handlerURL string) {
	p.reporter.helper()
	target, err := url.Parse(handlerURL)
	if err != nil || target.Host == "" {
		p.reporter.fatalf("imbottest: SendEvents: want the URL of a handler, got %q", handlerURL)
		return
	}
	// Every delivery has a connection of its own, so that none is left behind.
	transport := &http.Transport{DisableKeepAlives: true}
	client := &http.Client{
		Transport:     transport,
		Timeout:       patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	host := strings.TrimPrefix(p.URL(), "http://")
	p.outbox.to(&sink{url: target, from: request{host: host}, post: func(req *http.Request) (int, error) {
		resp, err := client.Do(req)
		if err != nil {
			return 0, err
		}
		_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, maxBody))
		return resp.StatusCode, resp.Body.Close()
	}})
}

// patience is how long a portal waits for the answer to an event.
const patience = 10 * time.Second

// SendEventsTo makes the portal hand its events to a handler in memory, as posts to https://bot.example/. There is no
// network and no goroutine, so that it works in a bubble of testing/synctest. In the events, the portal is at
// [Portal.Endpoint]. See [Portal.SendEvents] for the rest.
func (p *Portal) SendEventsTo(handler http.Handler) {
	target := &url.URL{Scheme: "https", Host: "bot.example", Path: "/"}
	p.outbox.to(&sink{url: target, from: request{secure: true}, post: func(req *http.Request) (int, error) {
		req.RequestURI, req.RemoteAddr = req.URL.RequestURI(), "192.0.2.1:443"
		answer := &answerWriter{header: make(http.Header)}
		handler.ServeHTTP(answer, req)
		answer.WriteHeader(http.StatusOK)
		return answer.status, nil
	}})
}

// answerWriter keeps the status of an answer, which is all that a portal looks at.
type answerWriter struct {
	header http.Header
	status int
}

// Header implements http.ResponseWriter.
func (w *answerWriter) Header() http.Header { return w.header }

// WriteHeader implements http.ResponseWriter.
func (w *answerWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
}

// Write implements http.ResponseWriter.
func (w *answerWriter) Write(content []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return len(content), nil
}

// Deliveries returns the events that were posted, in order: all, or those with the given names.
func (p *Portal) Deliveries(events ...string) []Delivery {
	p.outbox.mu.Lock()
	defer p.outbox.mu.Unlock()
	var found []Delivery
	for _, delivery := range p.outbox.deliveries.last() {
		if len(events) == 0 || slices.Contains(events, delivery.Event) {
			found = append(found, delivery)
		}
	}
	return found
}

// sink is where events go.
type sink struct {
	url  *url.URL
	from request // what the portal would be reached by from there
	post func(*http.Request) (status int, err error)
}

// outbox sends events and remembers them.
type outbox struct {
	mu         sync.Mutex
	sink       *sink
	deliveries latest[Delivery]
}

func (o *outbox) to(s *sink) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sink = s
}

// target returns where events go, and nil as long as nobody wants them.
func (o *outbox) target() *sink {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.sink
}

// address returns where the events for a bot go. Those for a bot of a webhook have its CLIENT_ID there, as it is: the
// server does not encode it, so that a handler gets less of one with an ampersand or a plus sign, from a real portal
// too. What no request can be made to is encoded nevertheless.
func (s *sink) address(clientID string) string {
	address := *s.url
	if clientID == "" {
		return address.String()
	}
	if strings.ContainsFunc(clientID, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		clientID = url.QueryEscape(clientID)
	}
	query := "CLIENT_ID=" + clientID
	if address.RawQuery != "" {
		query = address.RawQuery + "&" + query
	}
	address.RawQuery = query
	return address.String()
}

// post sends an event and waits for the answer.
func (o *outbox) post(ctx context.Context, to *sink, clientID string, form *php.Array) {
	name := php.StringOf(form.Get("event"))
	delivery := Delivery{Event: name, URL: to.address(clientID), Body: php.EncodeForm(form), At: time.Now()}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, delivery.URL, strings.NewReader(delivery.Body))
	if err == nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("User-Agent", "Bitrix24 Webhook Engine")
		delivery.Status, err = to.post(req)
	}
	delivery.Err = err
	o.mu.Lock()
	defer o.mu.Unlock()
	o.deliveries.add(delivery)
}

// AddMember adds a user or a bot to a chat, as somebody who is there does. For a bot the portal posts ONIMBOTJOINCHAT,
// in the form of private chats if the chat is one. Whoever is a member already stays one, without an event.
func (p *Portal) AddMember(chat imbot.ChatID, member, by imbot.UserID) {
	p.reporter.helper()
	joined, added, known := p.world.Join(chat, member)
	if !known {
		p.reporter.fatalf("imbottest: AddMember: there is no chat %d, add it by AddChat first", chat)
		return
	}
	if bot, isBot := p.world.Bot(imbot.BotID(member)); added && isBot {
		p.postJoin(context.Background(), methods.Joining{Chat: joined, Bot: bot, By: by})
	}
}

// postJoin tells a bot that it was added to a chat.
func (p *Portal) postJoin(ctx context.Context, j methods.Joining) {
	p.reporter.helper()
	if to := p.outbox.target(); to != nil {
		p.outbox.post(ctx, to, j.Bot.ClientID, p.joinEvent(to, j.Chat, j.Bot, j.By))
	}
}

// PostMessage writes a message into a chat. The portal posts ONIMBOTMESSAGEADD for the bots that it is for: those
// mentioned in a group, and all that are there in a private chat. Bots of one application share an event.
func (p *Portal) PostMessage(chat imbot.ChatID, from imbot.UserID, text string, mentioned ...imbot.BotID) {
	p.reporter.helper()
	written, id, known := p.world.Write(chat)
	if !known {
		p.reporter.fatalf("imbottest: PostMessage: there is no chat %d, add it by AddChat first", chat)
		return
	}
	to := p.outbox.target()
	if to == nil {
		return
	}
	for _, bots := range p.world.Addressed(written, from, mentioned) {
		p.outbox.post(context.Background(), to, bots[0].ClientID, p.messageEvent(to, written, bots, message{id, from, text, mentioned}))
	}
}

// DeleteBot deletes a bot. From then on no call knows it, and it is in no chat. The portal posts ONIMBOTDELETE.
func (p *Portal) DeleteBot(id imbot.BotID) {
	p.reporter.helper()
	bot, known := p.world.DeleteBot(id)
	if !known {
		p.reporter.fatalf("imbottest: DeleteBot: there is no bot %d, add it by AddBot first", id)
		return
	}
	if to := p.outbox.target(); to != nil {
		p.outbox.post(context.Background(), to, bot.ClientID, p.deleteEvent(to, bot))
	}
}

// InstallApp installs an OAuth application for [Employee]. The portal posts ONAPPINSTALL, with a pair of tokens.
func (p *Portal) InstallApp(app string) {
	p.reporter.helper()
	p.oauth.Install(app)
	if to := p.outbox.target(); to != nil {
		p.outbox.post(context.Background(), to, "", p.installEvent(to, app))
	}
}

// UninstallApp removes an OAuth application, as [Portal.RemoveApplication] does. The portal posts ONAPPUNINSTALL, which
// has no tokens.
func (p *Portal) UninstallApp(app string) {
	p.reporter.helper()
	p.RemoveApplication(app)
	if to := p.outbox.target(); to != nil {
		p.outbox.post(context.Background(), to, "", p.uninstallEvent(to, app))
	}
}
