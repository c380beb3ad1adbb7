package oauth_test

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/oauth"
)

// appOf returns the application that every portal has, with the portal's OAuth server in memory.
func appOf(p *imbottest.Portal) oauth.App {
	return oauth.App{
		ID: imbottest.App, Secret: imbottest.AppSecret, TokenURL: p.TokenURL(), HTTPClient: p.HTTPClient(),
		TrustHost: func(host string) bool { return host == "new.example" || host == imbottest.Host },
	}
}

// expired returns a pair of the portal whose access token has expired.
func expired(p *imbottest.Portal) oauth.Token {
	token := oauth.Token(p.IssueTokens(imbottest.App))
	p.Expire(token.AccessToken)
	return token
}

// load returns what a store has.
func load(t testing.TB, store oauth.Store) oauth.Token {
	t.Helper()
	token, err := store.Load(t.Context())
	require.NoError(t, err)
	return token
}

// put replaces what a store has.
func put(t testing.TB, store oauth.Store, token oauth.Token) {
	t.Helper()
	_, err := store.Update(t.Context(), func(oauth.Token) (oauth.Token, error) { return token, nil })
	require.NoError(t, err)
}

// bots is a call that does nothing but read.
var bots = imbot.Method[struct{}, any]{Name: "imbot.bot.list", Idempotent: true}

func callBots(ctx context.Context, client *imbot.Client) error {
	_, err := imbot.Call(ctx, client, bots, struct{}{})
	return err
}

// network is a transport that answers every request alike and remembers it.
type network struct {
	mu     sync.Mutex
	sent   []*http.Request
	forms  []url.Values
	answer reply
}

func (n *network) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	n.sent, n.forms = append(n.sent, req), append(n.forms, form)
	n.mu.Unlock()
	return n.answer.to(req)
}

func (n *network) requests() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.sent)
}

// reply is what a network answers a request with.
type reply interface {
	to(req *http.Request) (*http.Response, error)
}

// says returns a reply with a status, a content type and a body.
func says(status int, contentType, body string) reply {
	return fixed{status: status, contentType: contentType, body: strings.NewReader(body)}
}

type fixed struct {
	status                int
	contentType, location string
	body                  io.Reader
}

func (f fixed) to(*http.Request) (*http.Response, error) {
	header := http.Header{"Content-Type": {f.contentType}}
	if f.location != "" {
		header.Set("Location", f.location)
	}
	return &http.Response{StatusCode: f.status, Header: header, Body: io.NopCloser(f.body)}, nil
}

// fails is a reply that does not come.
type fails func(*http.Request) error

func (f fails) to(req *http.Request) (*http.Response, error) { return nil, f(req) }

// appOn returns an application on a network.
func appOn(n *network) oauth.App {
	return oauth.App{ID: "app.example", Secret: "EXAMPLE_SECRET", HTTPClient: &http.Client{Transport: n}}
}

// goodAnswer is an answer of the OAuth server as the documentation has it.
const goodAnswer = `{"access_token":"EXAMPLE_ACCESS_2","expires":1780319382,"expires_in":3600,"scope":"imbot,im",` +
	`"domain":"oauth.bitrix.info","server_endpoint":"https:\/\/oauth.bitrix.info\/rest\/","status":"L",` +
	`"client_endpoint":"https:\/\/portal.example\/rest\/","member_id":"00000000000000000000000000000000",` +
	`"user_id":67,"refresh_token":"EXAMPLE_REFRESH_2"}`

// oldToken is the pair before that.
var oldToken = oauth.Token{AccessToken: "EXAMPLE_ACCESS_1", RefreshToken: "EXAMPLE_REFRESH_1"}

// hooked is a store that a test can get between.
type hooked struct {
	oauth.Store

	mu   sync.Mutex
	save func(oauth.Token) error // before the store gets it
	load func() error
}

func (s *hooked) hooks() (save func(oauth.Token) error, load func() error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.save, s.load
}

func (s *hooked) onSave(save func(oauth.Token) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.save = save
}

func (s *hooked) onLoad(load func() error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.load = load
}

func (s *hooked) Load(ctx context.Context) (oauth.Token, error) {
	if _, load := s.hooks(); load != nil {
		if err := load(); err != nil {
			return oauth.Token{}, err
		}
	}
	return s.Store.Load(ctx)
}

func (s *hooked) Update(ctx context.Context, change func(oauth.Token) (oauth.Token, error)) (oauth.Token, error) {
	return s.Store.Update(ctx, func(current oauth.Token) (oauth.Token, error) {
		next, err := change(current)
		if err != nil {
			return next, err
		}
		if save, _ := s.hooks(); save != nil {
			if err := save(next); err != nil {
				return oauth.Token{}, err
			}
		}
		return next, nil
	})
}
