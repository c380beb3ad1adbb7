package server

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/tokens"
)

const (
	// TokenPath is where the OAuth server hands out tokens.
	TokenPath     = "/oauth/token" //nolint:gosec // a path, not a token
	authorizePath = "/oauth/authorize"
	// ServerFolder is where the OAuth server is on a loopback address, which it shares with the portal: either has a
	// method app.info.
	ServerFolder = "/oauth-server"
)

// TokenCall is a request for tokens that reached the OAuth server.
type TokenCall struct {
	HTTPMethod string
	Host       string
	Header     http.Header
	Form       url.Values
	Status     int
	Code       string
	At         time.Time
}

// TokenCalls returns the requests for tokens that reached the OAuth server, in order of arrival.
func (s *Server) TokenCalls() []TokenCall {
	return s.tokenCalls.find(func(*TokenCall) bool { return true })
}

// tokenMethod stands for requests for tokens among the faults, which are sorted by methods.
const tokenMethod = "oauth/token" //nolint:gosec // a name, not a token

// receives reports whether a request is for the OAuth server, or for the page that sends a user to it.
func (s *Server) receives(req request) bool {
	return s.isForOAuth(req) || oauthPath(req) == authorizePath
}

// isForOAuth reports whether a request is for the OAuth server. On a loopback address that has a folder, and tokens are
// handed out at the path that they have elsewhere, too.
func (s *Server) isForOAuth(req request) bool {
	path := oauthPath(req)
	return req.host == s.config.OAuthHost || isLoopback(req.host) && (path == TokenPath || strings.HasPrefix(path, ServerFolder+"/"))
}

// oauthPath is the path of a request without doubled slashes and the one at its end.
func oauthPath(req request) string { return strings.TrimSuffix(mergeSlashes(req.url.Path), "/") }

// withoutFolder returns a request as the OAuth server sees it on a host of its own.
func withoutFolder(req request) request {
	if isLoopback(req.host) {
		inside := *req.url
		inside.Path, inside.RawPath = strings.TrimPrefix(oauthPath(req), ServerFolder), ""
		req.url = &inside
	}
	return req
}

// serveOAuth answers a request that the OAuth server receives.
func (s *Server) serveOAuth(ctx context.Context, req request) (Reply, error) {
	if !s.isForOAuth(req) {
		return s.authorizePage(req), nil
	}
	req = withoutFolder(req)
	switch path := oauthPath(req); {
	case path == TokenPath:
		return s.serveTokens(ctx, req)
	case asksForInfo(path):
		return s.serveInfo(req)
	default:
		return HTML(http.StatusNotFound), nil
	}
}

// serveTokens answers a request for tokens and writes it down.
func (s *Server) serveTokens(ctx context.Context, req request) (Reply, error) {
	fault := s.tokenFaults.next(Call{Method: tokenMethod})
	if fault.Dial != nil {
		return Reply{}, fault.Dial
	}
	form := formOf(req)
	call := s.tokenCalls.add(TokenCall{
		HTTPMethod: req.httpMethod,
		Host:       req.host,
		Header:     req.header.Clone(),
		Form:       form,
		At:         time.Now(),
	})
	rep, err := fault.around(ctx, func() (Reply, error) {
		if s.site.now().gone {
			return Reply{}, ErrReset()
		}
		return tokensReply(s.OAuth.Exchange(form, s.addresses(req))), nil
	})
	if err == nil && s.site.now().gone {
		err = ErrReset()
	}
	if err != nil {
		return Reply{}, err
	}
	if rep.Cut == nil {
		code := errorCode(rep.Body)
		s.tokenCalls.change(call, func(c *TokenCall) { c.Status, c.Code = rep.Status, code })
	}
	return rep, nil
}

// formOf returns the parameters of a request, of which those in the body come first.
func formOf(req request) url.Values {
	form, err := url.ParseQuery(string(req.body))
	if err != nil {
		form = make(url.Values)
	}
	for name, values := range req.url.Query() {
		form[name] = append(form[name], values...)
	}
	return form
}

// RefuseTokens is a refusal of the OAuth server.
func RefuseTokens(status int, code, description string) Reply {
	return tokensReply(status, tokens.Refusal(code, description))
}

// tokensReply is an answer of the OAuth server.
func tokensReply(status int, answer *php.Array) Reply {
	return NewReply(status, contentTypeJSON, php.Encode(answer))
}

// authorizePage is where a user is sent who is to authorize an application. For one that is not there it is a page, and
// the user does not come back.
func (s *Server) authorizePage(req request) Reply {
	location := s.OAuth.Authorize(req.url.Query(), s.addresses(req))
	if location == "" {
		return HTML(http.StatusOK)
	}
	return Redirect(location)
}

// Addresses returns where the portal and the OAuth server are in memory.
func (s *Server) Addresses() tokens.Addresses { return s.addresses(request{secure: true}) }

// addresses returns the loopback address for a request to one, unless the portal has been renamed since. That is where a
// program serves the portal, if it has said so, and otherwise where the request was sent.
func (s *Server) addresses(req request) tokens.Addresses {
	host := s.site.now().host
	scheme, server := "https", s.config.OAuthHost
	if isLoopback(req.host) {
		server = req.host + ServerFolder
		if host == s.config.Host {
			host = cmp.Or(s.servedAt(), req.host)
		}
		if !req.secure {
			scheme = "http"
		}
	}
	return tokens.Addresses{Client: scheme + "://" + host + "/rest/", Server: scheme + "://" + server + "/rest/"}
}

// servedAt returns the host at which a program serves the portal, "" if it has not said so.
func (s *Server) servedAt() string {
	_, host, _ := strings.Cut(s.config.Address, "://")
	return strings.ToLower(host)
}
