package control

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

func setHandler(p *imbottest.Portal, r *http.Request) (any, error) {
	body, err := read[struct {
		URL string `json:"url"`
	}](r)
	if err != nil {
		return nil, err
	}
	p.SendEvents(body.URL)
	return nil, nil //nolint:nilnil // nothing to tell
}

// eventBody is something that happens on the portal, after which it posts events, or keeps them to be fetched.
type eventBody struct {
	Kind     string          `json:"kind"`
	Chat     imbot.ChatID    `json:"chat"`
	Message  imbot.MessageID `json:"message"`
	Bot      imbot.BotID     `json:"bot"`
	By       imbot.UserID    `json:"by"` // who does it; 0: the user of the webhook
	Text     string          `json:"text"`
	Reaction string          `json:"reaction"`
	App      string          `json:"app"`
	Context  any             `json:"context"`
}

// causes are what can happen, by its name.
var causes = map[string]func(*imbottest.Portal, eventBody) any{
	"join": func(p *imbottest.Portal, e eventBody) any { p.AddMember(e.Chat, imbot.UserID(e.Bot), e.By); return nil },
	"message": func(p *imbottest.Portal, e eventBody) any {
		if e.Bot == 0 {
			return map[string]any{"id": p.PostMessage(e.Chat, e.By, e.Text)}
		}
		return map[string]any{"id": p.PostMessage(e.Chat, e.By, e.Text, e.Bot)}
	},
	"private_message": func(p *imbottest.Portal, e eventBody) any {
		return map[string]any{"id": p.PostMessage(p.PrivateChat(e.Bot, e.By), e.By, e.Text)}
	},
	"reply": func(p *imbottest.Portal, e eventBody) any {
		return map[string]any{"id": p.PostReply(e.Message, e.By, e.Text)}
	},
	"edit":            func(p *imbottest.Portal, e eventBody) any { p.EditMessage(e.Message, e.Text); return nil },
	"delete":          func(p *imbottest.Portal, e eventBody) any { p.DeleteMessage(e.Message); return nil },
	"press":           func(p *imbottest.Portal, e eventBody) any { p.PressButton(e.Message, e.By, e.Text); return nil },
	"add_reaction":    func(p *imbottest.Portal, e eventBody) any { p.AddReaction(e.Message, e.By, e.Reaction); return nil },
	"remove_reaction": func(p *imbottest.Portal, e eventBody) any { p.RemoveReaction(e.Message, e.By, e.Reaction); return nil },
	"open":            func(p *imbottest.Portal, e eventBody) any { p.OpenDialog(e.Bot, e.By, e.Context); return nil },
	"delete_bot":      func(p *imbottest.Portal, e eventBody) any { p.DeleteBot(e.Bot); return nil },
	"install":         func(p *imbottest.Portal, e eventBody) any { p.InstallApp(e.App); return nil },
	"uninstall":       func(p *imbottest.Portal, e eventBody) any { p.UninstallApp(e.App); return nil },
}

func causeEvent(p *imbottest.Portal, r *http.Request) (any, error) {
	body, err := read[eventBody](r)
	if err != nil {
		return nil, err
	}
	cause, known := causes[body.Kind]
	if !known {
		return nil, badf("there is no kind %q: want one of %s", body.Kind, strings.Join(names(causes), ", "))
	}
	body.By = orEmployee(body.By)
	if body.App == "" {
		body.App = imbottest.App
	}
	return cause(p, body), nil
}

func issueTokens(p *imbottest.Portal, r *http.Request) (any, error) {
	body, err := read[struct {
		App string `json:"app"`
	}](r)
	if err != nil {
		return nil, err
	}
	if body.App == "" {
		body.App = imbottest.App
	}
	grant := p.IssueTokens(body.App)
	return map[string]any{
		"access_token": grant.AccessToken, "refresh_token": grant.RefreshToken, "expires": grant.Expiry.Unix(),
		"client_endpoint": p.ServerEndpoint(), "token_url": p.ServerTokenURL(), "member_id": grant.MemberID,
	}, nil
}

func expireToken(p *imbottest.Portal, r *http.Request) (any, error) {
	body, err := read[struct {
		Token string `json:"token"`
	}](r)
	if err != nil {
		return nil, err
	}
	p.Expire(body.Token)
	return nil, nil //nolint:nilnil // nothing to tell
}

func addWebhook(p *imbottest.Portal, r *http.Request) (any, error) {
	body, err := read[struct {
		User   imbot.UserID `json:"user"`
		Secret string       `json:"secret"`
		Scopes []string     `json:"scopes"`
	}](r)
	if err != nil {
		return nil, err
	}
	p.AddWebhook(imbottest.Webhook{UserID: orEmployee(body.User), Secret: body.Secret, Scopes: body.Scopes})
	return nil, nil //nolint:nilnil // nothing to tell
}

func addApplication(p *imbottest.Portal, r *http.Request) (any, error) {
	body, err := read[struct {
		ID     string   `json:"id"`
		Secret string   `json:"secret"`
		Scopes []string `json:"scopes"`
	}](r)
	if err != nil {
		return nil, err
	}
	p.AddApplication(imbottest.Application{ID: body.ID, Secret: body.Secret, Scopes: body.Scopes})
	return nil, nil //nolint:nilnil // nothing to tell
}

func setSite(p *imbottest.Portal, r *http.Request) (any, error) {
	body, err := read[struct {
		State  string `json:"state"`  // open, closed or overloaded
		Status int    `json:"status"` // of the refusals; 0: the server's
		Host   string `json:"host"`   // where the portal is from now on
	}](r)
	if err != nil {
		return nil, err
	}
	if body.Host != "" {
		if u, err := url.Parse("http://" + body.Host); err != nil || u.Host != body.Host {
			return nil, badf("%q is no host: want one such as portal.localhost:8024", body.Host)
		}
	}
	if body.State == "" && body.Host == "" {
		return nil, badf("want a state or a host")
	}
	switch body.State {
	case "open":
		p.Reopen()
	case "closed":
		p.CloseSite(body.Status)
	case "overloaded":
		p.Overload(body.Status)
	case "":
	default:
		return nil, badf("there is no state %q: want open, closed or overloaded", body.State)
	}
	if body.Host != "" {
		p.Rename(body.Host)
	}
	return nil, nil //nolint:nilnil // nothing to tell
}
