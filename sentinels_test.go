package imbot_test

import (
	"io"
	"log"
	"net/http"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
)

// roundTrip makes a transport of a func.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func newClient(t testing.TB, auth imbot.Auth, opts ...imbot.Option) *imbot.Client {
	t.Helper()
	client, err := imbot.NewClient(auth, opts...)
	require.NoError(t, err)
	return client
}

// withoutRepeats returns the options of a client whose every call is one request.
func withoutRepeats() []imbot.Option { return []imbot.Option{imbot.WithRetry(imbot.RetryPolicy{})} }

// sentinels are all errors that a caller may ask for.
var sentinels = map[string]error{
	"ErrChatIDEmpty":           imbot.ErrChatIDEmpty,
	"ErrAccess":                imbot.ErrAccess,
	"ErrWrongRequest":          imbot.ErrWrongRequest,
	"ErrBotID":                 imbot.ErrBotID,
	"ErrAppID":                 imbot.ErrAppID,
	"ErrDialogIDEmpty":         imbot.ErrDialogIDEmpty,
	"ErrUserIDEmpty":           imbot.ErrUserIDEmpty,
	"ErrTitleEmpty":            imbot.ErrTitleEmpty,
	"ErrWrongColor":            imbot.ErrWrongColor,
	"ErrAvatar":                imbot.ErrAvatar,
	"ErrInvalidFormat":         imbot.ErrInvalidFormat,
	"ErrWrongAuthType":         imbot.ErrWrongAuthType,
	"ErrQueryLimitExceeded":    imbot.ErrQueryLimitExceeded,
	"ErrOperationTimeLimit":    imbot.ErrOperationTimeLimit,
	"ErrOverloadLimit":         imbot.ErrOverloadLimit,
	"ErrExpiredToken":          imbot.ErrExpiredToken,
	"ErrInvalidToken":          imbot.ErrInvalidToken,
	"ErrNoAuthFound":           imbot.ErrNoAuthFound,
	"ErrInvalidCredentials":    imbot.ErrInvalidCredentials,
	"ErrInsufficientScope":     imbot.ErrInsufficientScope,
	"ErrUserAccess":            imbot.ErrUserAccess,
	"ErrAccessDenied":          imbot.ErrAccessDenied,
	"ErrMethodNotFound":        imbot.ErrMethodNotFound,
	"ErrPortalDeleted":         imbot.ErrPortalDeleted,
	"ErrInvalidRequest":        imbot.ErrInvalidRequest,
	"ErrInternalServer":        imbot.ErrInternalServer,
	"ErrUnexpectedAnswer":      imbot.ErrUnexpectedAnswer,
	"ErrPaymentRequired":       imbot.ErrPaymentRequired,
	"ErrApplicationNotFound":   imbot.ErrApplicationNotFound,
	"ErrBatchLengthExceeded":   imbot.ErrBatchLengthExceeded,
	"ErrBatchMethodNotAllowed": imbot.ErrBatchMethodNotAllowed,
	"ErrInvalidGrant":          imbot.ErrInvalidGrant,
	"ErrInvalidClient":         imbot.ErrInvalidClient,
	"ErrWrongClient":           imbot.ErrWrongClient,
	"ErrInvalidScope":          imbot.ErrInvalidScope,
	"ErrOutcomeUnknown":        imbot.ErrOutcomeUnknown,
	"ErrUnexpectedResult":      imbot.ErrUnexpectedResult,
	"ErrNotFound":              imbot.ErrNotFound,
	"ErrAuthorize":             imbot.ErrAuthorize,
	"ErrUserAddForbidden":      imbot.ErrUserAddForbidden,
	"ErrUserNotAdded":          imbot.ErrUserNotAdded,
	"ErrUserNotDeleted":        imbot.ErrUserNotDeleted,
	"ErrLeaveOwnerForbidden":   imbot.ErrLeaveOwnerForbidden,
	"ErrActionUnavailable":     imbot.ErrActionUnavailable,
	"ErrUserDeleteForbidden":   imbot.ErrUserDeleteForbidden,
	"ErrNotInChat":             imbot.ErrNotInChat,
	"ErrClientIDMissing":       imbot.ErrClientIDMissing,
}

// assertMatchesOnly asserts that err matches each of want, and no other sentinel.
func assertMatchesOnly(t testing.TB, err error, want ...error) {
	t.Helper()
	require.Error(t, err)
	for _, sentinel := range want {
		assert.ErrorIs(t, err, sentinel)
	}
	for name, sentinel := range sentinels {
		wanted := false
		for _, w := range want {
			wanted = wanted || w == sentinel //nolint:errorlint // the very same, not one that matches
		}
		if !wanted {
			assert.NotErrorIs(t, err, sentinel, "matches %s too", name)
		}
	}
}

func discardLog() *log.Logger { return log.New(io.Discard, "", 0) }

func readFile(t testing.TB, name string) string {
	t.Helper()
	content, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(content)
}
