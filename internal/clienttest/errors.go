package clienttest

import (
	"errors"
	"testing"

	"github.com/seed-a6e4e5a4/imbot"
)

// Sentinels are the errors that the error of a call may match, by their names.
var Sentinels = map[string]error{
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
	"ErrDeclined":              imbot.ErrDeclined,
	"ErrAuthorize":             imbot.ErrAuthorize,
	"ErrMessageID":             imbot.ErrMessageID,
	"ErrMessageEmpty":          imbot.ErrMessageEmpty,
	"ErrCantEditMessage":       imbot.ErrCantEditMessage,
	"ErrWithoutChanges":        imbot.ErrWithoutChanges,
	"ErrBotCodeEmpty":          imbot.ErrBotCodeEmpty,
	"ErrBotNameEmpty":          imbot.ErrBotNameEmpty,
	"ErrMaxCount":              imbot.ErrMaxCount,
	"ErrEventMessageAdd":       imbot.ErrEventMessageAdd,
	"ErrEventMessageUpdate":    imbot.ErrEventMessageUpdate,
	"ErrEventMessageDelete":    imbot.ErrEventMessageDelete,
	"ErrEventWelcomeMessage":   imbot.ErrEventWelcomeMessage,
	"ErrEventBotDelete":        imbot.ErrEventBotDelete,
	"ErrEventCommandAdd":       imbot.ErrEventCommandAdd,
	"ErrCommandEmpty":          imbot.ErrCommandEmpty,
	"ErrLang":                  imbot.ErrLang,
	"ErrMessageIDEmpty":        imbot.ErrMessageIDEmpty,
	"ErrAttach":                imbot.ErrAttach,
	"ErrAttachOversize":        imbot.ErrAttachOversize,
	"ErrKeyboard":              imbot.ErrKeyboard,
	"ErrKeyboardOversize":      imbot.ErrKeyboardOversize,
	"ErrMenu":                  imbot.ErrMenu,
	"ErrMenuOversize":          imbot.ErrMenuOversize,
	"ErrCommandID":             imbot.ErrCommandID,
	"ErrUserAddForbidden":      imbot.ErrUserAddForbidden,
	"ErrUserNotAdded":          imbot.ErrUserNotAdded,
	"ErrUserNotDeleted":        imbot.ErrUserNotDeleted,
	"ErrLeaveOwnerForbidden":   imbot.ErrLeaveOwnerForbidden,
	"ErrActionUnavailable":     imbot.ErrActionUnavailable,
	"ErrUserDeleteForbidden":   imbot.ErrUserDeleteForbidden,
	"ErrNotInChat":             imbot.ErrNotInChat,
	"ErrClientIDMissing":       imbot.ErrClientIDMissing,
}

// MatchesOnly fails a test unless an error matches each of those wanted, and no other sentinel.
func MatchesOnly(t testing.TB, err error, want ...error) {
	t.Helper()
	if err == nil {
		t.Fatal("there is no error")
	}
	for _, sentinel := range want {
		if !errors.Is(err, sentinel) {
			t.Errorf("%v does not match %v", err, sentinel)
		}
	}
	for name, sentinel := range Sentinels {
		wanted := false
		for _, w := range want {
			wanted = wanted || w == sentinel //nolint:errorlint // the very same, not one that matches
		}
		if !wanted && errors.Is(err, sentinel) {
			t.Errorf("%v matches %s, too", err, name)
		}
	}
}
