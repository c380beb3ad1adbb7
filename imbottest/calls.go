package imbottest

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/server"
)

// Call is a request that reached the portal, or a command of a batch that it ran. It is shared: read it, do not change
// what it refers to.
type Call struct {
	// Method is the name of the REST method as sent, without the suffix .json.
	Method string
	// Params are the parameters of query and body together. Their keys are as sent, and what the server keeps for itself,
	// such as auth, is left out.
	Params map[string]any
	// Body is the body of the request as sent.
	Body []byte
	// Query has the parameters of the URL alone, with all that Params leaves out.
	Query url.Values
	// Header has the header fields of the request.
	Header http.Header
	// HTTPMethod is the method of the request, such as POST.
	HTTPMethod string
	// Host is the host that the request was sent to, in lower case and without the default port of its scheme in memory.
	Host string
	// Path is the path of the URL, decoded. For a webhook the secret stands in it.
	Path string
	// Auth is what the call brought along, right or wrong.
	Auth AuthKind
	// Status is that of the answer, 0 if there was none (yet).
	Status int
	// Code is the error of the answer, "" for a result and for what is not JSON.
	Code string
	// At is when the request arrived, or when the turn came to the command.
	At time.Time
	// Label is that of a command in its batch, and "" for a request. A command has from its batch what is not its own:
	// Body, Query, Header, HTTPMethod, Host, Path and Auth.
	Label string
}

// AuthKind tells how a call was authorized.
type AuthKind int

// The kinds of authorization.
const (
	AuthNone    AuthKind = iota // neither a webhook's path nor a token
	AuthWebhook                 // the path of a webhook
	AuthOAuth                   // a token, wherever it stood
)

// String returns the name of the constant.
func (k AuthKind) String() string {
	switch k {
	case AuthNone:
		return "AuthNone"
	case AuthWebhook:
		return "AuthWebhook"
	case AuthOAuth:
		return "AuthOAuth"
	default:
		return "AuthKind(" + strconv.Itoa(int(k)) + ")"
	}
}

// Calls returns the calls that reached the portal, in order of arrival: all, or those of the given methods, in any
// letter case. Calls that are not answered yet are among them, and the commands of batches after their batch.
func (p *Portal) Calls(methods ...string) []Call {
	var found []Call
	for _, call := range p.server.Calls(methods...) {
		found = append(found, callOf(call))
	}
	return found
}

// callOf returns a call as it is shown.
func callOf(c server.Call) Call {
	return Call{
		Method: c.Method, Params: c.Params, Body: c.Body, Query: c.Query, Header: c.Header,
		HTTPMethod: c.HTTPMethod, Host: c.Host, Path: c.Path, Auth: AuthKind(c.Auth),
		Status: c.Status, Code: c.Code, At: c.At, Label: c.Label,
	}
}

// CallCount returns how many calls there were, those that [KeepCalls] has made [Portal.Calls] forget included: all, or
// those of the given methods, in any letter case. A command of a batch counts for its method, besides the batch.
func (p *Portal) CallCount(methods ...string) int { return p.server.CallCount(methods...) }
