package imbottest

import (
	"context"
	"net/http"
	"time"

	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/methods"
)

// failure is an answer of the server that is no result.
type failure = methods.Failure

// The failures of the portal as a whole, and of its authorization. Every failure of the latter is a 401.
var (
	errQueryLimit = &failure{Status: http.StatusServiceUnavailable, Code: "QUERY_LIMIT_EXCEEDED", Description: "Too many requests"}
	errTransport  = &failure{Status: http.StatusInternalServerError, Code: "INTERNAL_WRONG_TRANSPORT", Description: "Transport not supported"}
	errMethod     = &failure{Status: http.StatusNotFound, Code: "ERROR_METHOD_NOT_FOUND", Description: "Method not found!"}
	errSignedLink = &failure{Status: http.StatusForbidden, Code: "ACCESS_DENIED", Description: "Access denied! Link check failed"}
	errOperating  = &failure{Status: http.StatusTooManyRequests, Code: "OPERATION_TIME_LIMIT", Description: "Method is blocked due to operation time limit."}

	errHTTPS        = unauthorized("INVALID_REQUEST", "Https required.")
	errCredentials  = unauthorized("INVALID_CREDENTIALS", "Invalid request credentials")
	errHookScope    = unauthorized("insufficient_scope", "The request requires higher privileges than provided by the webhook token")
	errNoAuth       = unauthorized("NO_AUTH_FOUND", "Wrong authorization data")
	errInvalidToken = unauthorized("invalid_token", "Unable to get application by token")
	errExpiredToken = unauthorized("expired_token", "The access token provided has expired")
	errTokenScope   = unauthorized("insufficient_scope", "The request requires higher privileges than provided by the access token")
)

func unauthorized(code, description string) *failure {
	return &failure{Status: http.StatusUnauthorized, Code: code, Description: description}
}

func errOverload(status int) *failure {
	return &failure{Status: status, Code: "OVERLOAD_LIMIT", Description: "REST API is blocked due to overload."}
}

func errClosed(status int) *failure {
	return &failure{Status: status, Code: "PORTAL_DELETED", Description: "Portal was deleted"}
}

// run looks the method up, then at the caller, then calls the method: a wrong name is a 404 for strangers, too.
func (p *Portal) run(ctx context.Context, x *exchange) (any, error) {
	name := x.route.name()
	if name == batchName {
		return p.runBatch(ctx, x)
	}
	method, known := methods.Find(name)
	if !known {
		p.reporter.unexpected(x.route.method)
		return nil, errMethod
	}
	who, err := p.authorize(x, method.Scope())
	if err != nil {
		return nil, err
	}
	if p.budget.exhausted(budgetKey{account: who.account, method: name}, time.Now()) {
		return nil, errOperating
	}
	began := time.Now()
	result, joined, err := method.Run(p.world, methods.Caller{User: who.user, App: who.app}, x.params)
	if cut := p.charge(ctx, x, began); cut != nil {
		result, err = nil, cut
	}
	for _, j := range joined {
		p.postJoin(context.WithoutCancel(ctx), j) // for a caller who has gone, too
	}
	return result, err
}
