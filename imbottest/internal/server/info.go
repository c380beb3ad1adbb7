package server

import (
	"net/http"
	"time"

	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// asksForInfo reports whether a path is that of the only method that the OAuth server has.
func asksForInfo(path string) bool {
	way := parseRoute(path)
	return way.rest && !way.webhook && way.name() == "app.info" && way.format == "json"
}

// serveInfo tells an application whose an access token is. It is no request for tokens, and is not written down.
func (s *Server) serveInfo(req request) (Reply, error) {
	if s.site.now().gone {
		return Reply{}, ErrReset()
	}
	x := readExchange(req)
	token, known := s.Store.Token(x.credentials.token)
	switch {
	case x.credentials.kind != AuthOAuth:
		return s.failureReply(errNoAuth), nil
	case !known:
		return s.failureReply(errInvalidToken), nil
	case token.Expired(time.Now()):
		return s.failureReply(errExpiredToken), nil
	}
	status, answer, known := s.OAuth.Info(token, s.addresses(req))
	switch {
	case !known:
		return s.failureReply(errInvalidToken), nil
	case status != http.StatusOK:
		return tokensReply(status, answer), nil
	}
	envelope := php.New().Set("result", answer).Set("time", s.clock(x.start, time.Now()))
	return tokensReply(status, envelope), nil
}
