package storetest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/oauth"
)

// AppID and AppSecret are those of the application that a [Server] knows.
const (
	AppID     = "app.example"
	AppSecret = "EXAMPLE_SECRET"
)

// Server stands for Bitrix24's OAuth server and any number of portals, on loopback, so that processes share it.
type Server struct {
	URL string

	mu       sync.Mutex
	access   map[string]grant
	refresh  map[string]string // member ids by the refresh tokens that are not used up
	issued   int
	renewals map[string]int // by member id
	usedUp   int            // refresh tokens that came twice
}

// grant is for what an access token works.
type grant struct {
	memberID string
	until    time.Time
}

// NewServer starts a server that ends with the test.
func NewServer(t testing.TB) *Server {
	t.Helper()
	s := &Server{access: map[string]grant{}, refresh: map[string]string{}, renewals: map[string]int{}}
	listener := httptest.NewServer(s)
	t.Cleanup(listener.Close)
	s.URL = listener.URL
	return s
}

// Via is a transport that takes every request to the server at an address.
type Via string

// RoundTrip implements [http.RoundTripper].
func (v Via) RoundTrip(req *http.Request) (*http.Response, error) {
	at, err := url.Parse(string(v))
	if err != nil {
		return nil, err
	}
	to := req.Clone(req.Context())
	to.Host = req.URL.Host
	to.URL.Scheme, to.URL.Host = at.Scheme, at.Host
	return http.DefaultTransport.RoundTrip(to)
}

// App returns the application, for a server at an address.
func App(address string) oauth.App {
	return oauth.App{ID: AppID, Secret: AppSecret, TokenURL: address + "/oauth/token/", HTTPClient: &http.Client{Transport: Via(address)}}
}

// Issue hands out a pair for a portal.
func (s *Server) Issue(memberID string) oauth.Token {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.issue(memberID)
}

func (s *Server) issue(memberID string) oauth.Token {
	s.issued++
	token := oauth.Token{
		AccessToken: fmt.Sprintf("access-%d-%s", s.issued, memberID), RefreshToken: fmt.Sprintf("refresh-%d-%s", s.issued, memberID),
		Expiry: time.Now().Add(time.Hour).Truncate(time.Second).UTC(), MemberID: memberID, ClientEndpoint: endpoint(memberID),
	}
	s.access[token.AccessToken] = grant{memberID, token.Expiry}
	s.refresh[token.RefreshToken] = memberID
	return token
}

// Host returns where a portal is.
func Host(memberID string) string { return "p" + memberID + ".bitrix24.com" }

func endpoint(memberID string) string { return "https://" + Host(memberID) + "/rest/" }

// Install returns the event of an installation at a time.
func Install(token oauth.Token, at time.Time) *events.Event {
	return &events.Event{
		Name: events.AppInstall, MemberID: token.MemberID, Auth: token, ApplicationToken: "EXAMPLE_" + token.MemberID, Time: at,
	}
}

// Uninstall returns the event of a removal at a time.
func Uninstall(memberID string, at time.Time) *events.Event {
	return &events.Event{Name: events.AppUninstall, MemberID: memberID, ApplicationToken: "EXAMPLE_" + memberID, Time: at}
}

// Expire makes an access token work no longer.
func (s *Server) Expire(accessToken string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.access[accessToken] = grant{s.access[accessToken].memberID, time.Now()}
}

// Works reports whether a refresh token is the one of a portal that is not used up.
func (s *Server) Works(refreshToken, memberID string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refresh[refreshToken] == memberID
}

// Renewals returns how often the pair of each portal was renewed, and how many refresh tokens came that were used up.
func (s *Server) Renewals() (byMember map[string]int, usedUp int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.renewals), s.usedUp
}

// ServeHTTP answers as the OAuth server, or as a portal.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	var status int
	var answer string
	switch {
	case strings.HasSuffix(r.URL.Path, "/app.info"):
		status, answer = s.info(cmp.Or(r.FormValue("auth"), r.FormValue("access_token")))
	case strings.HasPrefix(r.URL.Path, "/oauth/"):
		status, answer = s.renew(r.FormValue("refresh_token"), r.FormValue("client_secret"))
	default:
		status, answer = s.call(r)
	}
	w.WriteHeader(status)
	_, _ = w.Write([]byte(answer))
}

func (s *Server) info(accessToken string) (status int, answer string) {
	g, found := s.access[accessToken]
	if !found {
		return http.StatusUnauthorized, `{"error":"expired_token"}`
	}
	return http.StatusOK, fmt.Sprintf(`{"result":{"client_id":%q,"install":{"installed":true,"member_id":%q,"client_endpoint":%q}}}`,
		AppID, g.memberID, endpoint(g.memberID))
}

func (s *Server) renew(refreshToken, secret string) (status int, answer string) {
	memberID, found := s.refresh[refreshToken]
	if !found || secret != AppSecret {
		s.usedUp++
		return http.StatusBadRequest, `{"error":"invalid_grant"}`
	}
	delete(s.refresh, refreshToken)
	s.renewals[memberID]++
	token := s.issue(memberID)
	return http.StatusOK, fmt.Sprintf(`{"access_token":%q,"refresh_token":%q,"expires_in":3600,"client_endpoint":%q,"member_id":%q}`,
		token.AccessToken, token.RefreshToken, token.ClientEndpoint, memberID)
}

func (s *Server) call(r *http.Request) (status int, answer string) {
	var body struct{ Auth string }
	g, found := grant{}, false
	if json.NewDecoder(r.Body).Decode(&body) == nil {
		g, found = s.access[body.Auth]
	}
	switch {
	case !found || Host(g.memberID) != r.Host:
		return http.StatusUnauthorized, `{"error":"invalid_token"}`
	case !time.Now().Before(g.until):
		return http.StatusUnauthorized, `{"error":"expired_token"}`
	default:
		return http.StatusOK, `{"result":[],"time":{"start":1.5,"finish":1.6,"duration":0.1,"processing":0.1}}`
	}
}
