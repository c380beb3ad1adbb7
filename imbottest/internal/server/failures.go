package server

import (
	"net/http"

	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/methods"
)

// The failures of the portal as a whole, and of its authorization. Every failure of the latter is a 401.
var (
	errQueryLimit = &methods.Failure{Status: http.StatusServiceUnavailable, Code: "QUERY_LIMIT_EXCEEDED", Description: "Too many requests"}
	errTransport  = &methods.Failure{Status: http.StatusInternalServerError, Code: "INTERNAL_WRONG_TRANSPORT", Description: "Transport not supported"}
	errMethod     = &methods.Failure{Status: http.StatusNotFound, Code: "ERROR_METHOD_NOT_FOUND", Description: "Method not found!"}
	errSignedLink = &methods.Failure{Status: http.StatusForbidden, Code: "ACCESS_DENIED", Description: "Access denied! Link check failed"}
	errOperating  = &methods.Failure{Status: http.StatusTooManyRequests, Code: "OPERATION_TIME_LIMIT", Description: "Method is blocked due to operation time limit."}

	errHTTPS        = unauthorized("INVALID_REQUEST", "Https required.")
	errCredentials  = unauthorized("INVALID_CREDENTIALS", "Invalid request credentials")
	errHookScope    = unauthorized("insufficient_scope", "The request requires higher privileges than provided by the webhook token")
	errNoAuth       = unauthorized("NO_AUTH_FOUND", "Wrong authorization data")
	errInvalidToken = unauthorized("invalid_token", "Unable to get application by token")
	errExpiredToken = unauthorized("expired_token", "The access token provided has expired")
	errTokenScope   = unauthorized("insufficient_scope", "The request requires higher privileges than provided by the access token")
)

func unauthorized(code, description string) *methods.Failure {
	return &methods.Failure{Status: http.StatusUnauthorized, Code: code, Description: description}
}

func errOverload(status int) *methods.Failure {
	return &methods.Failure{Status: status, Code: "OVERLOAD_LIMIT", Description: "REST API is blocked due to overload."}
}

func errClosed(status int) *methods.Failure {
	return &methods.Failure{Status: status, Code: "PORTAL_DELETED", Description: "Portal was deleted"}
}
