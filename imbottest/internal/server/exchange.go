package server

import (
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

// call is the request as a call in the journal.
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
