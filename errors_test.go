package imbot_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

func TestCode_Is(t *testing.T) {
	t.Parallel()
	err := &imbot.APIError{Code: "Expired_Token"}

	require.ErrorIs(t, err, imbot.ErrExpiredToken)
	require.ErrorIs(t, err, imbot.Code("EXPIRED_TOKEN"))
	require.NotErrorIs(t, err, imbot.Code("EXPIRED"))
	require.NotErrorIs(t, err, imbot.Code(""))
	require.ErrorIs(t, fmt.Errorf("while leaving: %w", err), imbot.ErrExpiredToken)
	assert.Equal(t, "expired_token", imbot.ErrExpiredToken.Error())
	assert.Empty(t, imbot.Code("").Error())
}

func TestSituations_matchTheirDocumentedCode(t *testing.T) {
	t.Parallel()
	for situation, code := range map[error]imbot.Code{
		imbot.ErrLeaveOwnerForbidden: imbot.ErrAccess,
		imbot.ErrActionUnavailable:   imbot.ErrAccess,
		imbot.ErrUserDeleteForbidden: imbot.ErrAccess,
		imbot.ErrNotInChat:           imbot.ErrWrongRequest,
		imbot.ErrClientIDMissing:     imbot.ErrAccessDenied,
		imbot.ErrUserAddForbidden:    imbot.ErrAccess,
		imbot.ErrUserNotAdded:        imbot.ErrWrongRequest,
		imbot.ErrUserNotDeleted:      imbot.ErrWrongRequest,
	} {
		require.ErrorIs(t, situation, code)
		require.NotErrorIs(t, code, situation)
	}
}

// The message is pinned here and nowhere else.
func TestErrors_messages(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		"imbot.chat.leave: ACCESS_ERROR: LEAVE_OWNER_FORBIDDEN (HTTP 403)": &imbot.APIError{
			Method: "imbot.chat.leave", StatusCode: 403, Code: imbot.ErrAccess, Description: "LEAVE_OWNER_FORBIDDEN",
		},
		"imbot.chat.leave: invalid_grant (HTTP 400)":  &imbot.APIError{Method: "imbot.chat.leave", StatusCode: 400, Code: imbot.ErrInvalidGrant},
		"imbot.chat.leave: no such user (HTTP 400)":   &imbot.APIError{Method: "imbot.chat.leave", StatusCode: 400, Description: "no such user"},
		"imbot.chat.leave: not sent: CHAT_ID: is bad": &imbot.ParamError{Method: "imbot.chat.leave", Param: "CHAT_ID", Err: errors.New("is bad")},
		"imbot: webhook URL: is empty":                &imbot.ParamError{Param: "webhook URL", Err: errors.New("is empty")},
		"imbot.chat.leave: not followed: redirect to renamed.example (HTTP 302)": &imbot.RedirectError{
			Method: "imbot.chat.leave", StatusCode: 302, Host: "renamed.example",
		},
		"imbot.chat.leave: not followed: redirect to an address without a host (HTTP 302)": &imbot.RedirectError{
			Method: "imbot.chat.leave", StatusCode: 302,
		},
		"imbot.chat.leave: X: one line and what passes for another (HTTP 400)": &imbot.APIError{
			Method: "imbot.chat.leave", StatusCode: 400, Code: "X", Description: "one line\r\n\x1band what passes\tfor another\n",
		},
	} {
		assert.EqualError(t, err, want)
	}
}

func TestAPIError_LogValue(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&out, nil))

	logger.Info("left?", "err", &imbot.APIError{
		Method: "imbot.chat.leave", StatusCode: 429, Code: imbot.ErrOperationTimeLimit, Description: "later",
		RetryAt: time.Date(2026, 2, 24, 15, 28, 53, 0, time.UTC),
	})

	for _, part := range []string{
		"err.method=imbot.chat.leave", "err.status=429", "err.code=OPERATION_TIME_LIMIT", "err.description=later",
		"err.retry_at=2026-02-24T15:28:53.000Z",
	} {
		assert.Contains(t, out.String(), part)
	}
	assert.NotContains(t, out.String(), "reason")
}

// errors.Is hands every target to Is, nil pointers too.
func TestErrors_IsIsShallow(t *testing.T) {
	t.Parallel()
	var noAPIError *imbot.APIError
	var noParamError *imbot.ParamError
	for _, err := range []error{
		&imbot.APIError{Code: imbot.ErrAccess},
		&imbot.ParamError{Err: imbot.ErrAccess},
		&imbot.RedirectError{},
		imbot.ErrAccess,
		imbot.ErrNotInChat,
	} {
		assert.NotPanics(t, func() {
			assert.NotErrorIs(t, err, noAPIError)
			assert.NotErrorIs(t, err, noParamError)
			assert.NotErrorIs(t, err, error(nil))
		})
	}
}

// An error that a caller's test makes by hand matches what one from the portal with the same fields matches.
func TestAPIError_madeByHand(t *testing.T) {
	t.Parallel()
	require.ErrorIs(t, &imbot.APIError{StatusCode: 502}, imbot.ErrOutcomeUnknown)
	require.NotErrorIs(t, &imbot.APIError{StatusCode: 503, Code: imbot.ErrOverloadLimit}, imbot.ErrOutcomeUnknown)
	require.NotErrorIs(t, &imbot.APIError{StatusCode: 400, Code: imbot.ErrChatIDEmpty}, imbot.ErrOutcomeUnknown)
	assert.NotContains(t, (&imbot.APIError{}).Error(), "\n")
}

// The cause of a call that was not sent can be had step by step, as loggers of causes do.
func TestCallError_unwraps(t *testing.T) {
	t.Parallel()
	refused := &net.OpError{Op: "dial", Err: errors.New("refused")}
	client := clienttest.New(t, imbot.Webhook(clienttest.WebhookURL), append(clienttest.WithoutRepeats(), clienttest.Over(clienttest.Failing(refused)))...)

	_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)

	assert.Equal(t, error(refused), errors.Unwrap(err))
}
