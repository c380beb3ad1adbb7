package imbottest

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/tokens"
)

const (
	tokenPath     = "/oauth/token" //nolint:gosec // a path, not a token
	authorizePath = "/oauth/authorize"
)

// TokenURL returns where the OAuth server hands out tokens in memory, through [Portal.HTTPClient].
func (p *Portal) TokenURL() string { return "https://" + OAuthHost + tokenPath + "/" }

// ServerTokenURL returns where the OAuth server hands out tokens on this machine, and starts the server.
func (p *Portal) ServerTokenURL() string {
	p.reporter.helper()
	return p.URL() + tokenPath + "/"
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

// TokenCalls returns the requests for tokens that reached the OAuth server, in order of arrival. Those that are not
// answered yet are among them. They are not among [Portal.Calls].
func (p *Portal) TokenCalls() []TokenCall {
	p.oauth.mu.Lock()
	defer p.oauth.mu.Unlock()
	var found []TokenCall
	for _, call := range p.oauth.calls.last() {
		found = append(found, *call)
	}
	return found
}

// tokenMethod stands for requests for tokens among the faults, which are sorted by methods.
const tokenMethod = "oauth/token" //nolint:gosec // a name, not a token

// FaultTokens adds faults to the queue of the OAuth server: one for each of the next requests for tokens, then all is
// well.
func (p *Portal) FaultTokens(queue ...Fault) {
	p.reporter.helper()
	p.addFaults(&p.oauth.faults, tokenMethod, queue)
}

// RefuseTokens is a refusal of the OAuth server, which has not acted. The description may be empty, and is missing
// then.
func RefuseTokens(status int, code, description string) Fault {
	if err := checkStatus("RefuseTokens", status); err != nil {
		return Fault{err: err}
	}
	return instead(func() reply { return tokensReply(status, tokens.Refusal(code, description)) })
}

// receives tells whether a request is for the OAuth server, or for the page that sends a user to it.
func (s *oauthServer) receives(req request) bool {
	path := oauthPath(req)
	return req.host == OAuthHost || path == authorizePath || path == tokenPath && isLoopback(req.host)
}

// oauthPath is the path of a request without doubled slashes and the one at its end.
func oauthPath(req request) string { return strings.TrimSuffix(mergeSlashes(req.url.Path), "/") }

// serveOAuth answers a request that the OAuth server receives.
func (p *Portal) serveOAuth(ctx context.Context, req request) (reply, error) {
	switch path := oauthPath(req); {
	case path == tokenPath:
		return p.serveTokens(ctx, req)
	case path == authorizePath && req.host != OAuthHost:
		return p.authorizePage(req), nil
	default:
		return htmlReply(http.StatusNotFound), nil
	}
}

// serveTokens answers a request for tokens and writes it down.
func (p *Portal) serveTokens(ctx context.Context, req request) (reply, error) {
	fault := p.oauth.faults.next(Call{Method: tokenMethod})
	if fault.dial != nil {
		return reply{}, fault.dial
	}
	form := formOf(req)
	call := p.oauth.record(TokenCall{
		HTTPMethod: req.httpMethod,
		Host:       req.host,
		Header:     req.header.Clone(),
		Form:       form,
		At:         time.Now(),
	})
	rep, err := fault.around(ctx, func() (reply, error) {
		if p.site.gone() {
			return reply{}, errReset()
		}
		return tokensReply(p.oauth.Exchange(form, p.addresses(req))), nil
	})
	if err == nil && p.site.gone() {
		err = errReset()
	}
	if err != nil {
		return reply{}, err
	}
	if rep.cut == nil {
		p.oauth.finish(call, rep)
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

func (s *oauthServer) record(call TokenCall) *TokenCall {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls.add(&call)
	return &call
}

func (s *oauthServer) finish(call *TokenCall, rep reply) {
	code := errorCode(rep.body)
	s.mu.Lock()
	defer s.mu.Unlock()
	call.Status, call.Code = rep.status, code
}

// tokensReply is an answer of the OAuth server.
func tokensReply(status int, answer *php.Array) reply {
	return newReply(status, contentTypeJSON, php.Encode(answer))
}

// authorizePage is where a user is sent who is to authorize an application. For one that is not there it is a page, and
// the user does not come back.
func (p *Portal) authorizePage(req request) reply {
	location := p.oauth.Authorize(req.url.Query(), p.addresses(req))
	if location == "" {
		return htmlReply(http.StatusOK)
	}
	return redirectReply(location)
}
