package imbottest

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// request is what arrived, in memory or over a connection.
type request struct {
	httpMethod string
	secure     bool // over HTTPS
	host       string
	url        *url.URL
	header     http.Header
	body       []byte
}

// exchange is a request that has been read, on its way to an answer.
type exchange struct {
	request     request
	route       route
	credentials credentials
	signedLink  bool
	params      *php.Array // what the method sees
	start       time.Time
	isCommand   bool   // of a batch
	label       string // of a command
	work        *work
}

// reserved are the names that the server takes for itself before a method sees the parameters.
var reserved = []string{"auth", "access_token", "auth_connector", "start", "state", "method", "aplogin", "ap"}

func readExchange(req request) *exchange {
	way := parseRoute(req.url.EscapedPath())
	params := php.ReadParams(req.url.RawQuery, req.header.Get("Content-Type"), req.body)
	return &exchange{
		request:     req,
		route:       way,
		credentials: readCredentials(way, req.header, params),
		signedLink:  params.Get("token") != nil,
		params:      params.Without(reserved...),
		start:       time.Now(),
	}
}

// call is how the request is shown to whoever looks at the portal.
func (x *exchange) call() Call {
	return Call{
		Method:     x.route.method,
		Params:     php.PlainMap(x.params),
		Body:       x.request.body,
		Query:      x.request.url.Query(),
		Header:     x.request.header.Clone(),
		HTTPMethod: x.request.httpMethod,
		Host:       x.request.host,
		Path:       x.request.url.Path,
		Auth:       x.credentials.kind,
		At:         x.start,
	}
}

// serve answers a request and writes it down. An error means that nothing reached the portal, or that ctx or the portal
// ended before there was an answer.
func (p *Portal) serve(ctx context.Context, req request) (reply, error) {
	if p.oauth.receives(req) {
		return p.serveOAuth(ctx, req)
	}
	x := readExchange(req)
	call := x.call()
	fault := p.faults.next(call)
	if fault.err != nil { // by the function of the user: all others were looked at before
		p.reporter.errorf("%v", fault.err)
	}
	if fault.dial != nil {
		return reply{}, fault.dial
	}
	recorded := p.journal.record(call)
	act := func() (reply, error) { return p.answer(ctx, x) }
	rep, err := fault.around(ctx, act)
	if err == nil && p.site.gone() {
		err = errReset()
	}
	if err != nil {
		return reply{}, err
	}
	p.journal.finish(recorded, rep)
	return rep, nil
}

// answer is what a portal without faults says. The order is that of a real one: what stands before the REST server, the
// portal as a whole, the method's name, the authorization, the method. A portal that was closed while a fault kept the
// request waiting does not act any more. That is asked here and not waited for: a channel that was made with the portal
// may belong to another bubble of testing/synctest than the request.
func (p *Portal) answer(ctx context.Context, x *exchange) (reply, error) {
	if p.site.gone() {
		return reply{}, errReset()
	}
	if location, moved := p.site.moved(x.request); moved {
		return redirectReply(location), nil
	}
	if !x.route.rest {
		return htmlReply(http.StatusNotFound), nil
	}
	if x.request.httpMethod == http.MethodOptions {
		return restReply(http.StatusOK, nil), nil
	}
	if !p.bucket.take(time.Now()) {
		return p.failureReply(errQueryLimit), nil
	}
	if x.route.format != "json" {
		return p.failureReply(errTransport), nil
	}
	if status, closed := p.site.closed(); closed {
		return p.failureReply(errClosed(status)), nil
	}
	if script, found := p.scripts.next(x.route.name()); found {
		return script.reply(p, x), nil
	}
	x.work = p.newWork(time.Now())
	result, err := p.run(ctx, x)
	if x.work.gone != nil {
		return reply{}, x.work.gone
	}
	var failed *failure
	var whole *wholeAnswer
	switch {
	case errors.As(err, &failed):
		return p.failureReply(failed), nil
	case errors.As(err, &whole):
		return whole.reply, nil
	case errors.Is(err, errCut):
		return htmlReply(http.StatusGatewayTimeout), nil
	case err != nil:
		return reply{}, err
	}
	return p.resultReply(x, result), nil
}
