package tokens

import (
	"net/http"
	"strings"

	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// Info says whose an access token is, and where its application is installed. It is false for a token of an application
// that was never added. The answer is a refusal unless the status is that of a success.
func (s *Server) Info(token Token, at Addresses) (status int, answer *php.Array, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	app, known := s.apps[token.App]
	if !known {
		return 0, nil, false
	}
	if refused := app.refused(); refused != nil {
		status, answer = refused.answer()
		return status, answer, true
	}
	info := php.New().Set("client_id", app.ID).Set("scope", strings.Join(token.Scopes, ","))
	if !token.Expires.IsZero() {
		info.Set("expires", token.Expires.Unix())
	}
	info.Set("user_id", int64(token.UserID)).Set("install", php.New().
		Set("installed", true).Set("version", "1").Set("status", app.status()).Set("scope", strings.Join(app.Scopes, ",")).
		Set("domain", at.ClientHost()).Set("client_endpoint", at.Client).Set("server_endpoint", at.Server).
		Set("member_id", s.config.MemberID))
	return http.StatusOK, info, true
}
