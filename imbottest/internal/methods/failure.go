package methods

import (
	"net/http"

	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// Failure is an answer of the server that is no result.
type Failure struct {
	Status      int
	Code        string
	Description string
	// Exception is what parts of the server have left in a global slot while the method ran. When the answer is written,
	// its code and text take the place of those above, but the status stays. The documentation knows nothing of it.
	Exception *Exception
}

// Exception is an exception of the server.
type Exception struct{ Code, Description string }

// Error implements error.
func (f *Failure) Error() string { return f.Code + ": " + f.Description }

// With returns the failure with an exception in the slot.
func (f *Failure) With(code, description string) *Failure {
	changed := *f
	changed.Exception = &Exception{Code: code, Description: description}
	return &changed
}

// Body returns the answer: what the server sends, or what the documentation promises.
func (f *Failure) Body(documented bool) *php.Array {
	code, description := f.Code, f.Description
	if f.Exception != nil && !documented {
		code, description = f.Exception.Code, f.Exception.Description
	}
	return php.New().Set("error", code).Set("error_description", description)
}

// BadRequest is a failure with the status that most have.
func BadRequest(code, description string) *Failure {
	return &Failure{Status: http.StatusBadRequest, Code: code, Description: description}
}

func denied(code, description string) *Failure {
	return &Failure{Status: http.StatusForbidden, Code: code, Description: description}
}

// accessError is what a kind of chat does not allow.
func accessError(description string) *Failure { return denied("ACCESS_ERROR", description) }

// The failures that the methods for bots share.
var (
	errChatIDEmpty   = BadRequest("CHAT_ID_EMPTY", "Chat ID can't be empty")
	errDialogIDEmpty = BadRequest("DIALOG_ID_EMPTY", "Dialog ID can't be empty")
	errUserIDEmpty   = BadRequest("USER_ID_EMPTY", "User ID can't be empty")
	errUnavailable   = accessError("Action unavailable")
	errNoClientID    = denied("ACCESS_DENIED", "Access denied! Client ID not specified")
	errBotID         = BadRequest("BOT_ID_ERROR", "Bot not found")
	errAppID         = BadRequest("APP_ID_ERROR", "Bot was installed by another rest application")
)
