package imbottest

import (
	"sync"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/tokens"
)

// OAuthHost is the host of the OAuth server of every portal in memory.
const OAuthHost = "oauth.example"

// AppSecret is the client_secret of [App].
const AppSecret = "app-s3cr3t00"

// Application is an OAuth application, as on its card.
type Application struct {
	// ID is the client_id. It is not empty.
	ID string
	// Secret is the client_secret. It is not empty.
	Secret string
	// Scopes are the permissions that its tokens have, such as [ScopeBots]. Whoever asks for others gets no tokens.
	Scopes []string
	// Status is the letter of its license, such as L, F, D, T, P or S; L, for a local application, if empty.
	Status string
	// ReturnURL is where a user comes back to from the authorization; https://app.example/oauth if empty.
	ReturnURL string
	// ForgivesLoss lets a used refresh token work again, as long as nobody has used its successor: an answer that was
	// lost, with the pair in it, is forgiven. What Bitrix24's own server does is not documented; by default it does not.
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
	// ServerEndpoint is where the OAuth server takes calls. It has no methods here.
	ServerEndpoint string
	// MemberID identifies the portal. It is [MemberID].
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

// oauthServer is the OAuth server with what it was asked. mu guards calls.
type oauthServer struct {
	*tokens.Server

	mu     sync.Mutex
	calls  latest[*TokenCall]
	faults faults
}

// AddApplication makes an OAuth application, or replaces the one with this id, which is installed and paid for again.
// The application [App] is there already.
func (p *Portal) AddApplication(app Application) {
	p.reporter.helper()
	if app.ID == "" || app.Secret == "" {
		p.reporter.fatalf("imbottest: AddApplication: want an ID and a Secret, got %q and %q", app.ID, app.Secret)
		return
	}
	p.oauth.Add(tokens.Application(app))
}

// IssueTokens returns a pair of tokens such as an application is sent when it is installed. They act for [Employee].
func (p *Portal) IssueTokens(app string) Grant {
	p.reporter.helper()
	p.oauth.Install(app)
	at := p.addresses(request{secure: true})
	grant, known := p.oauth.Issue(app, at)
	if !known {
		p.reporter.fatalf("imbottest: IssueTokens: no such application, add it by AddApplication first")
	}
	grant.Domain = at.ClientHost()
	return Grant(grant)
}

// RemoveApplication ends the installation of an application: its access tokens are unknown from now on, and the OAuth
// server answers by NOT_INSTALLED, until it is added or issued tokens anew. No event is posted.
func (p *Portal) RemoveApplication(app string) {
	p.reporter.helper()
	if !p.oauth.Remove(app) {
		p.reporter.fatalf("imbottest: RemoveApplication: no such application")
	}
}

// EndSubscription makes the OAuth server answer an application by PAYMENT_REQUIRED, until it is added anew.
func (p *Portal) EndSubscription(app string) {
	p.reporter.helper()
	if !p.oauth.EndSubscription(app) {
		p.reporter.fatalf("imbottest: EndSubscription: no such application")
	}
}

// Authorize returns the code that a user brings back who has authorized an application. It is valid for 30 seconds. A
// request to the page for that, at /oauth/authorize/ on the portal, brings one back, too.
func (p *Portal) Authorize(app string) string {
	p.reporter.helper()
	code, known := p.oauth.Code(app)
	if !known {
		p.reporter.fatalf("imbottest: Authorize: no such application, add it by AddApplication first")
	}
	return code
}

// addresses returns the loopback address to whoever came by it, unless the portal has been renamed since.
func (p *Portal) addresses(req request) tokens.Addresses {
	p.site.mu.Lock()
	host := p.site.host
	p.site.mu.Unlock()
	scheme, server := "https", OAuthHost
	if isLoopback(req.host) {
		server = req.host
		if host == Host {
			host = req.host
		}
		if !req.secure {
			scheme = "http"
		}
	}
	return tokens.Addresses{Client: scheme + "://" + host + "/rest/", Server: scheme + "://" + server + "/rest/"}
}
