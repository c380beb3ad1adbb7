package tokens

import (
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
)

// Webhook is an incoming webhook.
type Webhook struct {
	UserID imbot.UserID
	Secret string
	Scopes []string
}

// Token is an access token of an OAuth application.
type Token struct {
	AccessToken string
	App         string
	UserID      imbot.UserID
	Scopes      []string
	Expires     time.Time // zero: never
}

// Expired reports whether the token has stopped working.
func (t Token) Expired(now time.Time) bool { return !t.Expires.IsZero() && !now.Before(t.Expires) }

// Store has the credentials that the portal accepts.
type Store struct {
	mu       sync.Mutex
	webhooks map[string]Webhook // by secret
	tokens   map[string]Token   // by access token
}

// NewStore returns a store without credentials.
func NewStore() *Store {
	return &Store{webhooks: make(map[string]Webhook), tokens: make(map[string]Token)}
}

// AddWebhook adds a webhook, or replaces the one with this secret.
func (s *Store) AddWebhook(hook Webhook) {
	s.mu.Lock()
	defer s.mu.Unlock()
	hook.Scopes = slices.Clone(hook.Scopes)
	s.webhooks[hook.Secret] = hook
}

// AddToken adds an access token, or replaces the one with this text.
func (s *Store) AddToken(token Token) {
	s.mu.Lock()
	defer s.mu.Unlock()
	token.Scopes = slices.Clone(token.Scopes)
	s.tokens[token.AccessToken] = token
}

// Webhook returns the webhook of a path. The user stands in the path as a decimal number.
func (s *Store) Webhook(user, secret string) (Webhook, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	hook, known := s.webhooks[secret]
	return hook, known && strconv.FormatInt(int64(hook.UserID), 10) == user
}

// Token returns an access token by its text.
func (s *Store) Token(accessToken string) (Token, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	token, known := s.tokens[accessToken]
	return token, known
}

// Expire ends a token's life and returns false if there is no such token.
func (s *Store) Expire(accessToken string, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	token, known := s.tokens[accessToken]
	if known {
		token.Expires = now
		s.tokens[accessToken] = token
	}
	return known
}

// dropExpired forgets those of several access tokens that have expired, and returns the others that are there.
func (s *Store) dropExpired(texts []string, now time.Time) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var valid []string
	for _, text := range texts {
		switch token, known := s.tokens[text]; {
		case known && token.Expired(now):
			delete(s.tokens, text)
		case known:
			valid = append(valid, text)
		}
	}
	return valid
}

// remove forgets the access tokens of an application.
func (s *Store) remove(app string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for text, token := range s.tokens {
		if token.App == app {
			delete(s.tokens, text)
		}
	}
}

func (s *Store) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.tokens)
}
