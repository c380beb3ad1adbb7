package imbottest

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
)

// OAuthHost is the host of the OAuth server of every portal in memory.
const OAuthHost = "oauth.example"

// AppSecret is the client_secret of [App].
const AppSecret = "app-s3cr3t00"

const (
	accessLifetime  = time.Hour
	refreshLifetime = 180 * 24 * time.Hour
	codeLifetime    = 30 * time.Second
)

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

// oauthServer issues tokens for the portal. mu guards all but faults, which have their own.
type oauthServer struct {
	mu        sync.Mutex
	apps      map[string]*application
	codes     map[string]*oneTime
	refreshes map[string]*oneTime
	issued    int
	calls     latest[*TokenCall]
	access    []string // the access tokens that were issued, in this order, as far as they are kept
	faults    faults
}

// application is an Application with what became of it.
type application struct {
	Application

	removed, unpaid bool
}

// oneTime is a code or a refresh token.
type oneTime struct {
	app       string
	expires   time.Time
	used      bool
	successor string // the refresh token that came for it
}

func newOAuthServer() *oauthServer {
	s := &oauthServer{
		apps:      make(map[string]*application),
		codes:     make(map[string]*oneTime),
		refreshes: make(map[string]*oneTime),
	}
	s.add(Application{ID: App, Secret: AppSecret, Scopes: []string{ScopeBots}})
	return s
}

func (s *oauthServer) add(app Application) {
	s.mu.Lock()
	defer s.mu.Unlock()
	app.Scopes = slices.Clone(app.Scopes)
	s.apps[app.ID] = &application{Application: app}
}

// change does something to an application and returns false if there is none with this id.
func (s *oauthServer) change(id string, do func(*application)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	app, known := s.apps[id]
	if known {
		do(app)
	}
	return known
}

// AddApplication makes an OAuth application, or replaces the one with this id, which is installed and paid for again.
// The application [App] is there already.
func (p *Portal) AddApplication(app Application) {
	p.reporter.helper()
	if app.ID == "" || app.Secret == "" {
		p.reporter.fatalf("imbottest: AddApplication: want an ID and a Secret, got %q and %q", app.ID, app.Secret)
		return
	}
	p.oauth.add(app)
}

// IssueTokens returns a pair of tokens such as an application is sent when it is installed. They act for [Employee].
func (p *Portal) IssueTokens(app string) Grant {
	p.reporter.helper()
	var grant Grant
	if !p.oauth.change(app, func(installed *application) {
		installed.removed = false
		grant = p.grant(installed, p.addresses(request{secure: true}))
	}) {
		p.reporter.fatalf("imbottest: IssueTokens: no such application, add it by AddApplication first")
	}
	grant.Domain = hostIn(grant.ClientEndpoint)
	return grant
}

// RemoveApplication ends the installation of an application: its access tokens are unknown from now on, and the OAuth
// server answers by NOT_INSTALLED, until it is added or issued tokens anew. No event is posted.
func (p *Portal) RemoveApplication(app string) {
	p.reporter.helper()
	if !p.oauth.change(app, func(gone *application) { gone.removed = true }) {
		p.reporter.fatalf("imbottest: RemoveApplication: no such application")
		return
	}
	p.world.removeTokens(app)
}

// EndSubscription makes the OAuth server answer an application by PAYMENT_REQUIRED, until it is added anew.
func (p *Portal) EndSubscription(app string) {
	p.reporter.helper()
	if !p.oauth.change(app, func(ended *application) { ended.unpaid = true }) {
		p.reporter.fatalf("imbottest: EndSubscription: no such application")
	}
}

// Authorize returns the code that a user brings back who has authorized an application. It is valid for 30 seconds. A
// request to the page for that, at /oauth/authorize/ on the portal, brings one back, too.
func (p *Portal) Authorize(app string) string {
	p.reporter.helper()
	var code string
	if !p.oauth.change(app, func(*application) { code = p.oauth.newCode(app) }) {
		p.reporter.fatalf("imbottest: Authorize: no such application, add it by AddApplication first")
	}
	return code
}

// newCode makes a code. The caller holds mu.
func (s *oauthServer) newCode(app string) string {
	s.forget(time.Now())
	s.issued++
	code := "code-" + strconv.Itoa(s.issued)
	s.codes[code] = &oneTime{app: app, expires: time.Now().Add(codeLifetime)}
	return code
}

// keep makes the OAuth server accept a refresh token of an application. The caller holds mu.
func (s *oauthServer) keep(app, refreshToken string) {
	s.refreshes[refreshToken] = &oneTime{app: app, expires: time.Now().Add(refreshLifetime)}
}

// grant makes a pair of tokens. The caller holds the OAuth server's mu.
func (p *Portal) grant(app *application, at addresses) Grant {
	now := time.Now()
	p.oauth.forget(now)
	p.forgetAccess(now)
	p.oauth.issued++
	number := strconv.Itoa(p.oauth.issued)
	grant := Grant{
		AccessToken:    "access-" + number,
		RefreshToken:   "refresh-" + number,
		Expiry:         now.Add(accessLifetime).Truncate(time.Second).UTC(),
		ClientEndpoint: at.client,
		ServerEndpoint: at.server,
		MemberID:       MemberID,
		Domain:         hostIn(at.server),
		Scope:          strings.Join(app.Scopes, ","),
		Status:         app.Status,
		UserID:         Employee,
	}
	if grant.Status == "" {
		grant.Status = "L"
	}
	p.oauth.keep(app.ID, grant.RefreshToken)
	p.oauth.access = append(p.oauth.access, grant.AccessToken)
	p.world.addToken(Token{
		AccessToken: grant.AccessToken,
		App:         app.ID,
		UserID:      Employee,
		Scopes:      app.Scopes,
		Expires:     now.Add(accessLifetime),
	})
	return grant
}

// dropExpired forgets those of several access tokens that have expired, and returns the others that are there.
func (w *world) dropExpired(texts []string, now time.Time) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var valid []string
	for _, text := range texts {
		switch token, known := w.tokens[text]; {
		case known && (token.Expires.IsZero() || now.Before(token.Expires)):
			valid = append(valid, text)
		case known:
			delete(w.tokens, text)
		}
	}
	return valid
}

// removeTokens forgets the access tokens of an application.
func (w *world) removeTokens(app string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for text, token := range w.tokens {
		if token.App == app {
			delete(w.tokens, text)
		}
	}
}

// addresses are where the two servers are, as the OAuth server tells it.
type addresses struct{ client, server string }

// addresses returns the loopback address to whoever came by it, unless the portal has been renamed since.
func (p *Portal) addresses(req request) addresses {
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
	return addresses{client: scheme + "://" + host + "/rest/", server: scheme + "://" + server + "/rest/"}
}
