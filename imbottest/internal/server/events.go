package server

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
	Event  string
	URL    string
	Body   string
	Status int // 0: there was no answer
	Err    error
	At     time.Time
}

// SendEvents makes the portal post its events to a URL over the network. In them, the portal is at this address on this
// machine, such as http://127.0.0.1:12345.
func (s *Server) SendEvents(handler *url.URL, address string) {
	// Every delivery has a connection of its own, so that none is left behind.
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		Timeout:       patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	from := request{host: strings.TrimPrefix(address, "http://")}
	s.outbox.to(&sink{url: handler, from: from, post: func(req *http.Request) (int, error) {
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

// SendEventsTo makes the portal hand its events to a handler in memory, without network and goroutine.
func (s *Server) SendEventsTo(handler http.Handler) {
	target := &url.URL{Scheme: "https", Host: "bot.example", Path: "/"}
	s.outbox.to(&sink{url: target, from: request{secure: true}, post: func(req *http.Request) (int, error) {
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
func (s *Server) Deliveries(events ...string) []Delivery {
	return s.outbox.deliveries.find(func(d *Delivery) bool { return len(events) == 0 || slices.Contains(events, d.Event) })
}

// sink is where events go.
type sink struct {
	url  *url.URL
	from request // what the portal would be reached by from there
	post func(*http.Request) (status int, err error)
}

// outbox sends events and remembers them.
type outbox struct {
	twice      bool // each event
	mu         sync.Mutex
	sink       *sink
	deliveries journal[Delivery]
}

func (o *outbox) to(s *sink) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sink = s
}

// target returns where events go, nil for nowhere.
func (o *outbox) target() *sink {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.sink
}

// address returns where the events for a bot go. Those for a bot of a webhook have its CLIENT_ID there, as it is: the
// server does not encode it, so that a handler gets less of one with an ampersand or a plus sign, from a real portal
// too. What cannot stand in a URL is encoded nevertheless.
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

// post sends an event and waits for the answer, twice if it comes double.
func (o *outbox) post(ctx context.Context, to *sink, clientID string, form *php.Array) {
	name := php.StringOf(form.Get("event"))
	times := 1
	if o.twice {
		times = 2
	}
	for range times {
		o.deliver(ctx, to, name, to.address(clientID), php.EncodeForm(form))
	}
}

// deliver makes one post.
func (o *outbox) deliver(ctx context.Context, to *sink, event, address, body string) {
	delivery := Delivery{Event: event, URL: address, Body: body, At: time.Now()}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, delivery.URL, strings.NewReader(delivery.Body))
	if err == nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("User-Agent", "Bitrix24 Webhook Engine")
		delivery.Status, err = to.post(req)
	}
	delivery.Err = err
	o.deliveries.add(delivery)
}

// post posts what was raised.
func (s *Server) post(ctx context.Context, raised methods.Raised) {
	to := s.outbox.target()
	if to == nil {
		return
	}
	for _, j := range raised.Joined {
		s.outbox.post(ctx, to, j.Bot.ClientID, s.joinEvent(to, j))
	}
	for _, message := range raised.Messages {
		form := s.messageEvent
		if message.Event != methods.MessageWritten {
			form = s.changeEvent
		}
		s.outbox.post(ctx, to, message.Bots[0].ClientID, form(to, message))
	}
	for _, opened := range raised.Opened {
		s.outbox.post(ctx, to, opened.Bot.ClientID, s.contextEvent(to, opened))
	}
	for _, given := range byApplication(raised.Commands) {
		s.outbox.post(ctx, to, given[0].Bot.ClientID, s.commandEvent(to, given))
	}
	for _, bot := range raised.Deleted {
		s.outbox.post(ctx, to, bot.ClientID, s.deleteEvent(to, bot))
	}
	for _, event := range raised.Events {
		s.outbox.post(ctx, to, "", s.v2Event(to, event)) // nothing is added to the URL
	}
}

// happened posts what was raised by something that somebody did, and returns whether it could be done.
func (s *Server) happened(raised methods.Raised, done bool) bool {
	s.post(context.Background(), raised)
	return done
}

// AddMember adds a user or a bot to a chat. It returns false if there is no such chat.
func (s *Server) AddMember(chat imbot.ChatID, member, by imbot.UserID) bool {
	return s.happened(s.World.Join(chat, member, by))
}

// PostMessage writes a message into its chat. It returns false if there is no such chat.
func (s *Server) PostMessage(m methods.Message) (id int, known bool) {
	return s.written(s.World.Write(m))
}

// PostReply writes a message that replies to another one. It returns false if there is no such message.
func (s *Server) PostReply(m methods.Message) (id int, known bool) {
	return s.written(s.World.Reply(m))
}

// PostFile writes a message with a file. It returns false if there is no such chat.
func (s *Server) PostFile(m methods.Message, name string, content []byte) (id int, known bool) {
	return s.written(s.World.Send(m, name, content))
}

// written posts what was raised by a message, and returns its id and whether it could be written.
func (s *Server) written(id int, raised methods.Raised, done bool) (message int, written bool) {
	return id, s.happened(raised, done)
}

// PressButton presses the button with a text below a message. It returns false if there is no such button.
func (s *Server) PressButton(message int, by imbot.UserID, text string) bool {
	return s.happened(s.World.Press(message, by, text))
}

// EditMessage changes a message. It returns false if there is no such message.
func (s *Server) EditMessage(message int, text string) bool {
	return s.happened(s.World.Edit(message, text))
}

// DeleteMessage deletes a message. It returns false if there is no such message.
func (s *Server) DeleteMessage(message int) bool { return s.happened(s.World.Erase(message)) }

// React adds a reaction to a message, or takes it away. It returns false if there is no such message.
func (s *Server) React(message int, by imbot.UserID, reaction string, add bool) bool {
	return s.happened(s.World.React(message, by, reaction, add))
}

// OpenDialog opens the dialog with a bot, with a context. It returns false if there is no such bot.
func (s *Server) OpenDialog(bot imbot.BotID, by imbot.UserID, context any) bool {
	return s.happened(s.World.Open(bot, by, context))
}

// PrivateChat returns the private chat of a bot and a user, which is made if there is none.
func (s *Server) PrivateChat(bot, user imbot.UserID) imbot.ChatID {
	chat, raised := s.World.Dialog(bot, user)
	s.happened(raised, true)
	return chat
}

// DeleteBot deletes a bot. It returns false if there is no such bot.
func (s *Server) DeleteBot(id imbot.BotID) bool {
	return s.happened(s.World.DeleteBot(id, s.config.User))
}

// InstallApp installs an application, and posts the event of that.
func (s *Server) InstallApp(app string) {
	s.OAuth.Install(app)
	if to := s.outbox.target(); to != nil {
		s.outbox.post(context.Background(), to, "", s.installEvent(to, app))
	}
}

// UninstallApp removes an application, and posts the event of that. It returns false if there is no such application.
func (s *Server) UninstallApp(app string) bool {
	known := s.OAuth.Remove(app)
	if to := s.outbox.target(); known && to != nil {
		s.outbox.post(context.Background(), to, "", s.uninstallEvent(to, app))
	}
	return known
}
