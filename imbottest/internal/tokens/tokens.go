// Package tokens has the credentials of the fake portal, and its OAuth server, which issues and renews them.
package tokens

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
)

// Lifetime is how long an access token works.
const Lifetime = time.Hour

const (
	refreshLifetime = 180 * 24 * time.Hour
	codeLifetime    = 30 * time.Second
	localStatus     = "L"
)

// Application is an OAuth application, as on its card.
type Application struct {
	ID           string
	Secret       string
	Scopes       []string
	Status       string // L if empty
	ReturnURL    string
	ForgivesLoss bool
}

// Card is what a portal knows of an application there.
type Card struct {
	Number    int // of the application on the portal
	Status    string
	Installed bool
	Unpaid    bool
}

// Grant is a pair of tokens, with what is said beside it.
type Grant struct {
	AccessToken    string
	RefreshToken   string
	Expiry         time.Time
	ClientEndpoint string
	ServerEndpoint string
	MemberID       string
	Domain         string
	Scope          string
	Status         string
	UserID         imbot.UserID
}

// Addresses are where the portal and the OAuth server are, as the latter shows them.
type Addresses struct{ Client, Server string }

// ClientHost returns the host of the portal.
func (a Addresses) ClientHost() string { return hostIn(a.Client) }

// ServerHost returns the host of the OAuth server.
func (a Addresses) ServerHost() string { return hostIn(a.Server) }

func hostIn(address string) string {
	parsed, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return parsed.Host
}

// Config is for whom an OAuth server issues tokens.
type Config struct {
	MemberID string       // of the portal
	UserID   imbot.UserID // for whom the tokens act
	// Keep is how many expired access tokens are known, or a few more; codes and refresh tokens that are used up or
	// expired are forgotten then. 0: nothing is forgotten.
	Keep int
	// Mark stands in the text of what is issued, so that those of several servers differ.
	Mark string
}

// Server is an OAuth server. It puts the access tokens that it issues into a store.
type Server struct {
	config    Config
	store     *Store
	mu        sync.Mutex
	apps      map[string]*application
	numbers   map[string]int // of the applications on the portal, also of those without a card
	codes     map[string]*oneTime
	refreshes map[string]*oneTime
	issued    int
	access    []string // the access tokens that were issued, in this order, as far as they are kept
}

// application is an Application with what became of it.
type application struct {
	Application

	removed, unpaid bool
}

// status is the letter of the license.
func (a *application) status() string { return cmp.Or(a.Status, localStatus) }

// oneTime is a code or a refresh token.
type oneTime struct {
	app       string
	expires   time.Time
	used      bool
	successor string // the refresh token that came for it
}

// NewServer returns an OAuth server without applications.
func NewServer(config Config, store *Store) *Server {
	return &Server{
		config:    config,
		store:     store,
		apps:      make(map[string]*application),
		numbers:   make(map[string]int),
		codes:     make(map[string]*oneTime),
		refreshes: make(map[string]*oneTime),
	}
}

// Add adds an application, or replaces the one with this id, which is installed and paid for again.
func (s *Server) Add(app Application) {
	s.mu.Lock()
	defer s.mu.Unlock()
	app.Scopes = slices.Clone(app.Scopes)
	s.apps[app.ID] = &application{Application: app}
	s.number(app.ID)
}

// number returns the number of an application on the portal: they are counted as they come. The caller holds mu.
func (s *Server) number(app string) int {
	if _, known := s.numbers[app]; !known {
		s.numbers[app] = len(s.numbers) + 1
	}
	return s.numbers[app]
}

// Card returns what the portal knows of an application. One that was never added, and has a token nevertheless, is a
// local one.
func (s *Server) Card(id string) Card {
	s.mu.Lock()
	defer s.mu.Unlock()
	card := Card{Number: s.number(id), Status: localStatus, Installed: true}
	if app, known := s.apps[id]; known {
		card.Status, card.Installed, card.Unpaid = app.status(), !app.removed, app.unpaid
	}
	return card
}

// change does something to an application and returns false if there is none with this id.
func (s *Server) change(id string, do func(*application)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	app, known := s.apps[id]
	if known {
		do(app)
	}
	return known
}

// Install installs an application, and returns false if there is none with this id.
func (s *Server) Install(app string) bool {
	return s.change(app, func(a *application) { a.removed = false })
}

// Remove ends the installation of an application and forgets its access tokens. It returns false if there is none with
// this id.
func (s *Server) Remove(app string) bool {
	known := s.change(app, func(a *application) { a.removed = true })
	if known {
		s.store.remove(app)
	}
	return known
}

// EndSubscription makes the server refuse tokens to an application until somebody pays. It returns false if there is
// none with this id.
func (s *Server) EndSubscription(app string) bool {
	return s.change(app, func(a *application) { a.unpaid = true })
}

// Issue returns a pair of tokens for an application, and false if there is none with this id.
func (s *Server) Issue(app string, at Addresses) (grant Grant, known bool) {
	known = s.change(app, func(a *application) { grant = s.grant(a, at) })
	return grant, known
}

// Code returns the code that a user brings back who has authorized an application, and false if there is none with this
// id.
func (s *Server) Code(app string) (code string, known bool) {
	known = s.change(app, func(*application) { code = s.newCode(app) })
	return code, known
}

// Authorize returns where a user goes who was sent to authorize an application, and always does. It is nowhere, "", for
// an application that is not there.
func (s *Server) Authorize(query url.Values, at Addresses) (location string) {
	s.change(query.Get("client_id"), func(app *application) {
		back, err := url.Parse(app.ReturnURL)
		if err != nil || app.ReturnURL == "" {
			back = &url.URL{Scheme: "https", Host: "app.example", Path: "/oauth"}
		}
		answer := back.Query()
		answer.Set("code", s.newCode(app.ID))
		answer.Set("domain", at.ClientHost())
		answer.Set("member_id", s.config.MemberID)
		answer.Set("scope", strings.Join(app.Scopes, ","))
		answer.Set("server_domain", at.ServerHost())
		if state := query.Get("state"); state != "" {
			answer.Set("state", state)
		}
		back.RawQuery = answer.Encode()
		location = back.String()
	})
	return location
}

// HasIssued reports whether it has issued the code or the refresh token of a request for tokens.
func (s *Server) HasIssued(form url.Values) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.codes[form.Get("code")] != nil || s.refreshes[form.Get("refresh_token")] != nil
}

// Known returns how many codes, refresh tokens and access tokens there are.
func (s *Server) Known() (codes, refreshes, access int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.codes), len(s.refreshes), s.store.count()
}

// newCode makes a code. The caller holds mu.
func (s *Server) newCode(app string) string {
	s.forget(time.Now())
	s.issued++
	code := "code-" + s.config.Mark + strconv.Itoa(s.issued)
	s.codes[code] = &oneTime{app: app, expires: time.Now().Add(codeLifetime)}
	return code
}

// grant makes a pair of tokens. The caller holds mu.
func (s *Server) grant(app *application, at Addresses) Grant {
	now := time.Now()
	s.forget(now)
	s.forgetAccess(now)
	s.issued++
	number := s.config.Mark + strconv.Itoa(s.issued)
	grant := Grant{
		AccessToken:    "access-" + number,
		RefreshToken:   "refresh-" + number,
		Expiry:         now.Add(Lifetime).Truncate(time.Second).UTC(),
		ClientEndpoint: at.Client,
		ServerEndpoint: at.Server,
		MemberID:       s.config.MemberID,
		Domain:         at.ServerHost(),
		Scope:          strings.Join(app.Scopes, ","),
		Status:         app.status(),
		UserID:         s.config.UserID,
	}
	s.refreshes[grant.RefreshToken] = &oneTime{app: app.ID, expires: now.Add(refreshLifetime)}
	s.access = append(s.access, grant.AccessToken)
	s.store.AddToken(Token{
		AccessToken: grant.AccessToken,
		App:         app.ID,
		UserID:      s.config.UserID,
		Scopes:      app.Scopes,
		Expires:     now.Add(Lifetime),
	})
	return grant
}

// forget drops the codes and refresh tokens that no longer work, in a portal that runs for long. A client that brings
// one sees no difference: what is unknown is refused in the same way. It runs once in a while, so that it costs little.
// The caller holds mu.
func (s *Server) forget(now time.Time) {
	keep := s.config.Keep
	if keep == 0 || s.issued%keep != 0 {
		return
	}
	for _, issued := range []map[string]*oneTime{s.codes, s.refreshes} {
		for text, one := range issued {
			if app, known := s.apps[one.app]; !known || !s.works(app, one, now) {
				delete(issued, text)
			}
		}
	}
}

// forgetAccess drops the access tokens that have expired, but for the last ones: by their answer, expired_token, a
// client knows that it has to refresh. The caller holds mu.
func (s *Server) forgetAccess(now time.Time) {
	keep := s.config.Keep
	if keep == 0 || s.issued%keep != 0 || len(s.access) <= keep {
		return
	}
	old := s.access[:len(s.access)-keep]
	s.access = append(s.store.dropExpired(old, now), s.access[len(old):]...)
}
