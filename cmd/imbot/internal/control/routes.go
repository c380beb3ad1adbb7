package control

import (
	"net/http"
	"strings"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// routes are the requests that the interface knows.
func (s *Server) routes() *http.ServeMux {
	mux := http.NewServeMux()
	for pattern, do := range map[string]action{
		"GET {$}": s.about, "POST reset": s.reset,
		"GET chats/{id}": chat, "PUT chats/{id}": setChat, "POST chats/{id}/members": addMember,
		"GET chats/{id}/messages": messages, "POST chats/{id}/messages": postMessage,
		"PUT bots/{id}": setBot, "DELETE bots/{id}": deleteBot, "PUT users/{id}": setUser,
		"POST faults": addFaults, "POST answers": setAnswers, "GET unmet": unmet,
		"GET calls": calls, "GET token-calls": tokenCalls, "GET deliveries": deliveries,
		"PUT handler": setHandler, "POST events": causeEvent,
		"POST tokens": issueTokens, "POST tokens/expire": expireToken, "PUT webhooks": addWebhook, "PUT applications": addApplication,
		"POST site": setSite,
	} {
		method, path, _ := strings.Cut(pattern, " ")
		mux.HandleFunc(method+" "+Prefix+path, s.on(do))
	}
	mux.HandleFunc(Prefix, s.on(func(_ *imbottest.Portal, r *http.Request) (any, error) {
		return nil, &problem{http.StatusNotFound, "there is no " + r.Method + " " + r.URL.Path + " here; docs/portal.md lists what there is"}
	}))
	return mux
}

func (s *Server) about(*imbottest.Portal, *http.Request) (any, error) { return s.About(), nil }

// About tells where the portals are, and what is known of them, as values for JSON.
func (s *Server) About() map[string]any {
	type place struct {
		MemberID string `json:"member_id"`
		URL      string `json:"url"`
		Webhook  string `json:"webhook"`
		Endpoint string `json:"endpoint"`
		TokenURL string `json:"token_url"`
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	var places []place
	for i, portal := range s.portals {
		memberID := s.specs[i].MemberID
		if memberID == "" {
			memberID = imbottest.MemberID
		}
		places = append(places, place{memberID, portal.URL(), portal.ServerWebhookURL(), portal.ServerEndpoint(), portal.ServerTokenURL()})
	}
	return map[string]any{
		"portals": places, "client_id": imbottest.ClientID, "app": imbottest.App, "app_secret": imbottest.AppSecret,
		"token": imbottest.TokenOK, "bot": imbottest.BotMain, "user": imbottest.Employee,
	}
}

// TokenURL is where all portals get tokens: their OAuth server.
func (s *Server) TokenURL() string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.portals[0].ServerTokenURL()
}

func (s *Server) reset(*imbottest.Portal, *http.Request) (any, error) {
	s.Reset()
	return nil, nil //nolint:nilnil // nothing to tell
}

// chatBody is a chat in the interface.
type chatBody struct {
	ID            imbot.ChatID   `json:"id,omitempty"`
	Kind          string         `json:"kind"`
	Title         string         `json:"title"`
	EntityID      string         `json:"entity_id,omitempty"`
	Owner         imbot.UserID   `json:"owner"`
	Members       []imbot.UserID `json:"members"`
	Managers      []imbot.UserID `json:"managers,omitempty"`
	FromStructure []imbot.UserID `json:"from_structure,omitempty"`
	Removals      int            `json:"removals"`
}

// kindOf finds a kind of chats by its name, letter case aside.
func kindOf(name string) (imbottest.Kind, error) {
	if name == "" {
		return imbottest.Group, nil
	}
	var names []string
	for kind := imbottest.Group; kind <= imbottest.Private; kind++ {
		if strings.EqualFold(kind.String(), name) {
			return kind, nil
		}
		names = append(names, kind.String())
	}
	return 0, badf("there is no kind %q: want one of %s", name, strings.Join(names, ", "))
}

func chat(p *imbottest.Portal, r *http.Request) (any, error) {
	number, err := id[imbot.ChatID](r)
	if err != nil {
		return nil, err
	}
	found, known := p.Chat(number)
	if !known {
		return nil, &problem{http.StatusNotFound, "there is no such chat"}
	}
	return chatBody{
		found.ID, found.Kind.String(), found.Title, found.EntityID, found.Owner, append([]imbot.UserID{}, found.Members...), found.Managers,
		found.FromStructure, p.Removals(number),
	}, nil
}

func setChat(p *imbottest.Portal, r *http.Request) (any, error) {
	number, err := id[imbot.ChatID](r)
	if err != nil {
		return nil, err
	}
	body, err := read[chatBody](r)
	if err != nil {
		return nil, err
	}
	kind, err := kindOf(body.Kind)
	if err != nil {
		return nil, err
	}
	p.AddChat(imbottest.Chat{
		ID: number, Kind: kind, Title: body.Title, EntityID: body.EntityID, Owner: body.Owner, Members: body.Members,
		Managers: body.Managers, FromStructure: body.FromStructure,
	})
	return chat(p, r)
}

func addMember(p *imbottest.Portal, r *http.Request) (any, error) {
	number, err := id[imbot.ChatID](r)
	if err != nil {
		return nil, err
	}
	body, err := read[struct {
		Member imbot.UserID `json:"member"`
		By     imbot.UserID `json:"by"`
	}](r)
	if err != nil {
		return nil, err
	}
	p.AddMember(number, body.Member, orEmployee(body.By))
	return chat(p, r)
}

// orEmployee is who does something, if nobody was named.
func orEmployee(user imbot.UserID) imbot.UserID {
	if user == 0 {
		return imbottest.Employee
	}
	return user
}

// messageBody is a message in the interface.
type messageBody struct {
	ID      imbot.MessageID `json:"id"`
	Author  imbot.UserID    `json:"author"`
	Text    string          `json:"text"`
	Edited  bool            `json:"edited,omitempty"`
	Deleted bool            `json:"deleted,omitempty"`
}

func messages(p *imbottest.Portal, r *http.Request) (any, error) {
	number, err := id[imbot.ChatID](r)
	if err != nil {
		return nil, err
	}
	list := []messageBody{}
	for _, m := range p.Messages(number) {
		list = append(list, messageBody{m.ID, m.Author, m.Text, m.Edited, m.Deleted})
	}
	return map[string]any{"messages": list}, nil
}

func postMessage(p *imbottest.Portal, r *http.Request) (any, error) {
	number, err := id[imbot.ChatID](r)
	if err != nil {
		return nil, err
	}
	body, err := read[struct {
		From      imbot.UserID  `json:"from"`
		Text      string        `json:"text"`
		Mentioned []imbot.BotID `json:"mentioned"`
	}](r)
	if err != nil {
		return nil, err
	}
	return map[string]any{"id": p.PostMessage(number, orEmployee(body.From), body.Text, body.Mentioned...)}, nil
}

func setBot(p *imbottest.Portal, r *http.Request) (any, error) {
	number, err := id[imbot.BotID](r)
	if err != nil {
		return nil, err
	}
	body, err := read[struct {
		Code      string `json:"code"`
		Name      string `json:"name"`
		ClientID  string `json:"client_id"`
		App       string `json:"app"`
		Type      string `json:"type"`
		EventMode string `json:"event_mode"`
		OpenLine  bool   `json:"open_line"`
	}](r)
	if err != nil {
		return nil, err
	}
	p.AddBot(imbottest.Bot{
		ID: number, Code: body.Code, Name: body.Name, ClientID: body.ClientID, App: body.App, Type: body.Type,
		EventMode: body.EventMode, OpenLine: body.OpenLine,
	})
	return nil, nil //nolint:nilnil // nothing to tell
}

func deleteBot(p *imbottest.Portal, r *http.Request) (any, error) {
	number, err := id[imbot.BotID](r)
	if err != nil {
		return nil, err
	}
	p.DeleteBot(number)
	return nil, nil //nolint:nilnil // nothing to tell
}

func setUser(p *imbottest.Portal, r *http.Request) (any, error) {
	number, err := id[imbot.UserID](r)
	if err != nil {
		return nil, err
	}
	body, err := read[struct {
		Inactive  bool `json:"inactive"`
		Extranet  bool `json:"extranet"`
		Connector bool `json:"connector"`
		Admin     bool `json:"admin"`
	}](r)
	if err != nil {
		return nil, err
	}
	p.AddUser(imbottest.User{ID: number, Inactive: body.Inactive, Extranet: body.Extranet, Connector: body.Connector, Admin: body.Admin})
	return nil, nil //nolint:nilnil // nothing to tell
}
