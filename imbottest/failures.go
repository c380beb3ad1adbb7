package imbottest

import (
	"net/http"

	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// failure is an answer of the server that is no result.
type failure struct {
	status      int
	code        string
	description string
	// While a method runs, parts of the server may leave an exception in a global slot. When the answer is written, its
	// code and text take the place of those above, but the status stays. The documentation knows nothing of it.
	exception *exception
}

type exception struct{ code, description string }

func (f *failure) Error() string { return f.code + ": " + f.description }

// with returns the failure with an exception in the slot.
func (f *failure) with(code, description string) *failure {
	changed := *f
	changed.exception = &exception{code: code, description: description}
	return &changed
}

// body returns the answer in one of the forms.
func (f *failure) body(wire Wire) *php.Array {
	code, description := f.code, f.description
	if f.exception != nil && wire == Current {
		code, description = f.exception.code, f.exception.description
	}
	return php.New().Set("error", code).Set("error_description", description)
}

// The failures of the portal as a whole, and of its authorization. Every failure of the latter is a 401.
var (
	errQueryLimit = &failure{status: http.StatusServiceUnavailable, code: "QUERY_LIMIT_EXCEEDED", description: "Too many requests"}
	errTransport  = &failure{status: http.StatusInternalServerError, code: "INTERNAL_WRONG_TRANSPORT", description: "Transport not supported"}
	errMethod     = &failure{status: http.StatusNotFound, code: "ERROR_METHOD_NOT_FOUND", description: "Method not found!"}
	errSignedLink = &failure{status: http.StatusForbidden, code: "ACCESS_DENIED", description: "Access denied! Link check failed"}
	errOperating  = &failure{status: http.StatusTooManyRequests, code: "OPERATION_TIME_LIMIT", description: "Method is blocked due to operation time limit."}

	errHTTPS        = &failure{status: http.StatusUnauthorized, code: "INVALID_REQUEST", description: "Https required."}
	errCredentials  = &failure{status: http.StatusUnauthorized, code: "INVALID_CREDENTIALS", description: "Invalid request credentials"}
	errHookScope    = &failure{status: http.StatusUnauthorized, code: "insufficient_scope", description: "The request requires higher privileges than provided by the webhook token"}
	errNoAuth       = &failure{status: http.StatusUnauthorized, code: "NO_AUTH_FOUND", description: "Wrong authorization data"}
	errInvalidToken = &failure{status: http.StatusUnauthorized, code: "invalid_token", description: "Unable to get application by token"}
	errExpiredToken = &failure{status: http.StatusUnauthorized, code: "expired_token", description: "The access token provided has expired"}
	errTokenScope   = &failure{status: http.StatusUnauthorized, code: "insufficient_scope", description: "The request requires higher privileges than provided by the access token"}
)

func errOverload(status int) *failure {
	return &failure{status: status, code: "OVERLOAD_LIMIT", description: "REST API is blocked due to overload."}
}

func errClosed(status int) *failure {
	return &failure{status: status, code: "PORTAL_DELETED", description: "Portal was deleted"}
}

func badRequest(code, description string) *failure {
	return &failure{status: http.StatusBadRequest, code: code, description: description}
}

// accessError is what a kind of chat does not allow.
func accessError(description string) *failure {
	return &failure{status: http.StatusForbidden, code: "ACCESS_ERROR", description: description}
}

// The failures that the methods for bots share.
var (
	errChatIDEmpty   = &failure{status: http.StatusBadRequest, code: "CHAT_ID_EMPTY", description: "Chat ID can't be empty"}
	errDialogIDEmpty = &failure{status: http.StatusBadRequest, code: "DIALOG_ID_EMPTY", description: "Dialog ID can't be empty"}
	errUserIDEmpty   = &failure{status: http.StatusBadRequest, code: "USER_ID_EMPTY", description: "User ID can't be empty"}
	errUnavailable   = accessError("Action unavailable")
	errNoClientID    = &failure{status: http.StatusForbidden, code: "ACCESS_DENIED", description: "Access denied! Client ID not specified"}
	errBotID         = &failure{status: http.StatusBadRequest, code: "BOT_ID_ERROR", description: "Bot not found"}
	errAppID         = &failure{status: http.StatusBadRequest, code: "APP_ID_ERROR", description: "Bot was installed by another rest application"}
)
