package imbottest

import (
	"net/http"
	"net/url"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/server"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/tokens"
)

// OAuthHost is the host of the OAuth server of every portal in memory.
const OAuthHost = "oauth.example"

// AppSecret is the client_secret of [App].
const AppSecret = "app-s3cr3t00"

// ScopeBots is the permission that the methods for bots need.
const ScopeBots = "imbot"

// Webhook is an incoming webhook. It acts for its user, within its scopes, and never expires.
type Webhook struct {
	// UserID is the user who made the webhook and for whom it acts. It is positive, and stands in the webhook's path.
	UserID imbot.UserID
	// Secret is the secret part of the path. No two webhooks have the same.
	Secret string
	// Scopes are the permissions, such as [ScopeBots]. Without any, the webhook may call no method of a bot.
	Scopes []string
}

// Token is an OAuth access token of an application. It acts for its user, within its scopes.
type Token struct {
	// AccessToken is the token itself. No two have the same text.
	AccessToken string
	// App is the client_id of the application, for whose bots the token acts.
	App string
	// UserID is the user for whom the token acts, who sees dialogs by it.
	UserID imbot.UserID
	// Scopes are the permissions, such as [ScopeBots]. Without any, the token may call no method of a bot.
	Scopes []string
	// Expires is when the token stops working. The zero time stands for never.
	Expires time.Time
}

// Application is an OAuth application, as on its card.
type Application struct {
	// ID is the client_id. It is not empty.
	ID string
	// Secret is the client_secret. It is not empty.
	Secret string
	// Scopes are the permissions that its tokens have, such as [ScopeBots]. A request for others gets no tokens.
	Scopes []string
	// Status is the letter of its license, such as L, F, D, T, P or S; L, for a local application, if empty.
	Status string
	// ReturnURL is where a user comes back to from the authorization; https://app.example/oauth if empty.
	ReturnURL string
	// ForgivesLoss lets a used refresh token work again, as long as its successor is unused: an answer that was lost,
	// with the pair in it, is forgiven. What Bitrix24's own server does is not documented; by default it does not.
	ForgivesLoss bool
}

// Grant is a pair of tokens, with what is said beside it. It has the fields of oauth.Token and can be converted to one.
type Grant struct {
	// AccessToken works on the portal until Expiry.
	AccessToken string
	// RefreshToken gets the next pair, once and within 180 days.
	RefreshToken string
	// Expiry is when the access token stops working: an hour after it was issued, in whole seconds.
	Expiry time.Time
	// ClientEndpoint is where the portal takes calls, such as [Portal.Endpoint].
	ClientEndpoint string
	// ServerEndpoint is where the OAuth server takes calls: it answers app.info there, which tells whose an access token
	// is.
	ServerEndpoint string
	// MemberID identifies the portal. It is [MemberID], or what [WithMemberID] says.
	MemberID string
	// Domain is the host of the portal.
	Domain string
	// Scope is the application's scopes, with commas between them.
	Scope string
	// Status is that of the application.
	Status string
	// UserID is the user for whom the token acts. It is [Employee].
	UserID imbot.UserID
}

// TokenCall is a request for tokens that reached the OAuth server. It is shared: read it, do not change what it refers
// to.
type TokenCall struct {
	// HTTPMethod is the method of the request, such as GET.
	HTTPMethod string
	// Host is the host that the request was sent to, in lower case: [OAuthHost], or a loopback address.
	Host string
	// Header has the header fields of the request.
	Header http.Header
	// Form has the parameters of query and body together, those of the body first.
	Form url.Values
	// Status is that of the answer, 0 if there was none (yet).
	Status int
	// Code is the error of the answer, "" for tokens and for what is not JSON.
	Code string
	// At is when the request arrived.
	At time.Time
}

// AddWebhook makes an incoming webhook, or replaces the one with this secret.
func (p *Portal) AddWebhook(hook Webhook) {
	if hook.UserID <= 0 || hook.Secret == "" {
		p.reporter.Fatalf("imbottest: AddWebhook: want a positive UserID and a Secret, got UserID %d, Secret %q", hook.UserID, hook.Secret)
		return
	}
	p.server.Store.AddWebhook(tokens.Webhook(hook))
}

// AddToken issues an access token, or replaces the one with this text.
func (p *Portal) AddToken(token Token) {
	if token.AccessToken == "" || token.App == "" {
		p.reporter.Fatalf("imbottest: AddToken: want an AccessToken and an App, got %q and %q", token.AccessToken, token.App)
		return
	}
	p.server.Store.AddToken(tokens.Token(token))
}

// Expire ends the life of an access token now.
func (p *Portal) Expire(accessToken string) {
	if !p.server.Store.Expire(accessToken, time.Now()) {
		p.reporter.Fatalf("imbottest: Expire: no such token, add it by AddToken first")
	}
}

// AddApplication makes an OAuth application, or replaces the one with this id, which is installed and paid for again.
// The application [App] is there already.
func (p *Portal) AddApplication(app Application) {
	if app.ID == "" || app.Secret == "" {
		p.reporter.Fatalf("imbottest: AddApplication: want an ID and a Secret, got %q and %q", app.ID, app.Secret)
		return
	}
	p.server.OAuth.Add(tokens.Application(app))
}

// IssueTokens returns a pair of tokens such as an application is sent when it is installed. They act for [Employee].
func (p *Portal) IssueTokens(app string) Grant {
	p.server.OAuth.Install(app)
	at := p.server.Addresses()
	grant, known := p.server.OAuth.Issue(app, at)
	if !known {
		p.reporter.Fatalf("imbottest: IssueTokens: no such application, add it by AddApplication first")
	}
	grant.Domain = at.ClientHost()
	return Grant(grant)
}

// Frame returns what the portal posts to the page of an OAuth application when [Employee] opens it in a frame, as a form:
// new tokens as AUTH_ID and REFRESH_ID, member_id, APPLICATION_TOKEN and what is beside them. On a real portal DOMAIN,
// PROTOCOL, LANG and APP_SID stand in the address of the page.
func (p *Portal) Frame(app string) url.Values {
	grant := p.IssueTokens(app)
	return url.Values{
		"AUTH_ID":           {grant.AccessToken},
		"REFRESH_ID":        {grant.RefreshToken},
		"AUTH_EXPIRES":      {"3600"},
		"SERVER_ENDPOINT":   {grant.ServerEndpoint},
		"APPLICATION_TOKEN": {p.config.ApplicationTokens + app},
		"APPLICATION_SCOPE": {grant.Scope},
		"member_id":         {grant.MemberID},
		"status":            {grant.Status},
		"PLACEMENT":         {"DEFAULT"},
		"PLACEMENT_OPTIONS": {"[]"},
		"DOMAIN":            {grant.Domain},
		"PROTOCOL":          {"1"},
		"LANG":              {"en"},
		"APP_SID":           {"EXAMPLE_SESSION"},
	}
}

// RemoveApplication ends the installation of an application: its access tokens are unknown from now on, and the OAuth
// server answers by NOT_INSTALLED, until it is added or issued tokens anew. No event is posted.
func (p *Portal) RemoveApplication(app string) {
	if !p.server.OAuth.Remove(app) {
		p.reporter.Fatalf("imbottest: RemoveApplication: no such application")
	}
}

// EndSubscription makes the OAuth server answer an application by PAYMENT_REQUIRED, until it is added anew.
func (p *Portal) EndSubscription(app string) {
	if !p.server.OAuth.EndSubscription(app) {
		p.reporter.Fatalf("imbottest: EndSubscription: no such application")
	}
}

// Authorize returns the code that a user brings back who has authorized an application. It is valid for 30 seconds. A
// request to the page for that, at /oauth/authorize/ on the portal, brings one back, too.
func (p *Portal) Authorize(app string) string {
	code, known := p.server.OAuth.Code(app)
	if !known {
		p.reporter.Fatalf("imbottest: Authorize: no such application, add it by AddApplication first")
	}
	return code
}

// TokenURL returns where the OAuth server hands out tokens in memory, through [Portal.HTTPClient].
func (p *Portal) TokenURL() string { return "https://" + OAuthHost + server.TokenPath + "/" }

// ServerTokenURL returns where the OAuth server hands out tokens on this machine, and starts the server. The OAuth server
// has a folder of its own there, beside the portal: http://127.0.0.1:12345/oauth-server/oauth/token/, and app.info at
// http://127.0.0.1:12345/oauth-server/rest/app.info. Tokens are handed out at /oauth/token/, too.
func (p *Portal) ServerTokenURL() string {
	return p.URL() + server.ServerFolder + server.TokenPath + "/"
}

// TokenCalls returns the requests for tokens that reached the OAuth server, in order of arrival. Those that are not
// answered yet are among them. They are not among [Portal.Calls].
func (p *Portal) TokenCalls() []TokenCall {
	var found []TokenCall
	for _, call := range p.server.TokenCalls() {
		found = append(found, TokenCall(call))
	}
	return found
}

// FaultTokens adds faults to the queue of the OAuth server: one for each of the next requests for tokens, then all is
// well.
func (p *Portal) FaultTokens(queue ...Fault) {
	p.server.AddTokenFaults(p.faults(queue))
}

// RefuseTokens is a refusal of the OAuth server, which has not acted. The description may be empty, and is missing
// then.
func RefuseTokens(status int, code, description string) Fault {
	return checked("RefuseTokens", status, instead(func() server.Reply { return server.RefuseTokens(status, code, description) }))
}
