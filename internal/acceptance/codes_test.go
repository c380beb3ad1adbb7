package acceptance_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

// systemStatuses has every code that any method may be answered with, and the statuses that documentation, servers and
// SDKs have for it. Where there are several, none of them changes what the code means.
var systemStatuses = map[string][]int{
	"NO_AUTH_FOUND":                   {401},
	"expired_token":                   {401},
	"invalid_token":                   {401},
	"INVALID_CREDENTIALS":             {401, 403},
	"insufficient_scope":              {401, 403},
	"user_access_error":               {401, 403},
	"authorization_error":             {401},
	"APPLICATION_NOT_FOUND":           {401},
	"ERROR_OAUTH":                     {401},
	"CONNECTION_ERROR":                {401},
	"PAYMENT_REQUIRED":                {401},
	"INVALID_REQUEST":                 {400, 401},
	"ACCESS_DENIED":                   {401, 403},
	"OVERLOAD_LIMIT":                  {401, 503},
	"QUERY_LIMIT_EXCEEDED":            {503},
	"OPERATION_TIME_LIMIT":            {429},
	"ERROR_METHOD_NOT_FOUND":          {404},
	"ERROR_MANIFEST_IS_NOT_AVAILABLE": {404},
	"ERROR_BATCH_LENGTH_EXCEEDED":     {200, 400},
	"ERROR_BATCH_METHOD_NOT_ALLOWED":  {200, 405},
	"PORTAL_DELETED":                  {403, 410, 500},
	"INTERNAL_SERVER_ERROR":           {500},
	"ERROR_UNEXPECTED_ANSWER":         {500},
	"INTERNAL_WRONG_TRANSPORT":        {500},
	"ERROR_CORE":                      {400, 500},
	"ERROR_ARGUMENT":                  {400},
	"WRONG_AUTH_TYPE":                 {403},
	"WRONG_LICENSE":                   {403},
	"METHOD_CONFIRM_WAITING":          {401},
	"METHOD_CONFIRM_DENIED":           {403},
	"ALLOWED_ONLY_INTRANET_USER":      {403},
	"WRONG_ENCODING":                  {200, 400},
}

// methodCodes has every code that documentation or servers have for a method of its own, besides those of botCodes.
var methodCodes = map[string][]string{
	"imbot.chat.leave": {
		"CHAT_ID_EMPTY", "DIALOG_ID_EMPTY", "ACCESS_ERROR", "LEAVE_OWNER_FORBIDDEN", "WRONG_REQUEST", "ACCESS_DENIED_KICK", "USER_NOT_FOUND",
		"USER_INVITED_FROM_STRUCTURE",
	},
	"imbot.chat.user.delete": {
		"CHAT_ID_EMPTY", "USER_ID_EMPTY", "DIALOG_ID_EMPTY", "ACCESS_ERROR", "LEAVE_OWNER_FORBIDDEN", "WRONG_REQUEST", "ACCESS_DENIED_KICK",
		"IM_ERROR_KICK", "USER_NOT_FOUND", "USER_INVITED_FROM_STRUCTURE",
	},
	"imbot.v2.Chat.leave": {
		"BOT_TOKEN_NOT_SPECIFIED", "BOT_ID_REQUIRED", "BOT_NOT_FOUND", "BOT_OWNERSHIP_ERROR", "100", "CHAT_NOT_FOUND", "ACCESS_DENIED",
		"USER_NOT_FOUND", "USER_INVITED_FROM_STRUCTURE",
	},
	"imbot.bot.list":          {"WRONG_AUTH_TYPE"},
	"imbot.chat.get":          {"AUTHORIZE_ERROR", "ACCESS_ERROR", "DIALOG_ID_EMPTY"},
	"imbot.dialog.get":        {"AUTHORIZE_ERROR", "ACCESS_ERROR", "DIALOG_ID_EMPTY"},
	"imbot.chat.add":          {"INVALID_FORMAT", "WRONG_REQUEST"},
	"imbot.chat.user.add":     {"CHAT_ID_EMPTY", "ACCESS_ERROR", "WRONG_REQUEST", "ACCESS_DENIED_EXTEND"},
	"imbot.chat.user.list":    {"CHAT_ID_EMPTY", "ACCESS_ERROR"},
	"imbot.chat.setOwner":     {"CHAT_ID_EMPTY", "USER_ID_EMPTY", "ACCESS_ERROR", "WRONG_REQUEST"},
	"imbot.chat.setManager":   {"CHAT_ID_EMPTY", "USER_ID_EMPTY", "WRONG_REQUEST"},
	"imbot.chat.updateTitle":  {"CHAT_ID_EMPTY", "TITLE_EMPTY", "ACCESS_ERROR"},
	"imbot.chat.updateColor":  {"CHAT_ID_EMPTY", "ACCESS_ERROR", "WRONG_COLOR", "WRONG_REQUEST"},
	"imbot.chat.updateAvatar": {"CHAT_ID_EMPTY", "AVATAR_ERROR", "ACCESS_DENIED", "ACCESS_ERROR", "WRONG_REQUEST"},
	"imbot.chat.sendTyping":   {"DIALOG_ID_EMPTY"},
	"imbot.register": {
		"WRONG_AUTH_TYPE", "ACCESS_DENIED", "EVENT_MESSAGE_ADD_ERROR", "EVENT_MESSAGE_UPDATE_ERROR",
		"EVENT_MESSAGE_DELETE_ERROR", "EVENT_WELCOME_MESSAGE_ERROR", "EVENT_BOT_DELETE_ERROR", "CODE_ERROR",
		"NAME_ERROR", "MAX_COUNT_ERROR", "WRONG_REQUEST",
	},
	"imbot.update": {
		"WRONG_AUTH_TYPE", "EVENT_MESSAGE_ADD_ERROR", "EVENT_MESSAGE_UPDATE_ERROR", "EVENT_MESSAGE_DELETE_ERROR",
		"EVENT_WELCOME_MESSAGE_ERROR", "EVENT_BOT_DELETE_ERROR", "NAME_ERROR", "WRONG_REQUEST",
	},
	"imbot.unregister": {
		"WRONG_AUTH_TYPE", "WRONG_REQUEST",
	},
	"imbot.message.add": {
		"DIALOG_ID_EMPTY", "MESSAGE_EMPTY", "ATTACH_OVERSIZE", "ATTACH_ERROR", "KEYBOARD_ERROR", "KEYBOARD_OVERSIZE",
		"MENU_ERROR", "MENU_OVERSIZE", "WRONG_REQUEST", "PARAM_KEYBOARD_ERROR",
	},
	"imbot.message.update": {
		"MESSAGE_ID_ERROR", "ATTACH_ERROR", "ATTACH_OVERSIZE", "KEYBOARD_ERROR", "KEYBOARD_OVERSIZE", "menu_ERROR",
		"MENU_OVERSIZE", "CANT_EDIT_MESSAGE",
	},
	"imbot.message.delete": {
		"MESSAGE_ID_ERROR", "CANT_EDIT_MESSAGE",
	},
	"imbot.message.like": {
		"MESSAGE_ID_ERROR", "WITHOUT_CHANGES",
	},
	"imbot.command.register": {
		"EVENT_COMMAND_ADD_ERROR", "COMMAND_ERROR", "LANG_ERROR", "WRONG_REQUEST",
	},
	"imbot.command.update": {
		"COMMAND_ID_ERROR", "APP_ID_ERROR", "EVENT_COMMAND_ADD_ERROR", "WRONG_REQUEST", "ACCESS_DENIED",
		"FETCH_NOT_SUPPORTED",
	},
	"imbot.command.unregister": {
		"COMMAND_ID_ERROR", "APP_ID_ERROR", "WRONG_REQUEST", "ACCESS_DENIED",
	},
	"imbot.command.answer": {
		"COMMAND_ID_ERROR", "APP_ID_ERROR", "MESSAGE_ID_EMPTY", "MESSAGE_EMPTY", "ATTACH_ERROR", "ATTACH_OVERSIZE",
		"KEYBOARD_ERROR", "KEYBOARD_OVERSIZE", "MENU_ERROR", "WRONG_REQUEST", "ACCESS_DENIED",
	},
}

// botCodes are those of every method of the first generation that names a bot.
var botCodes = []string{"ACCESS_DENIED", "BOT_ID_ERROR", "APP_ID_ERROR"}

// everyMethod has a call of each method.
func everyMethod() map[string]func(context.Context, *imbot.Client) error {
	calls := map[string]func(context.Context, *imbot.Client) error{
		"imbot.chat.leave": func(ctx context.Context, c *imbot.Client) error {
			_, err := c.Chat.Leave(ctx, clienttest.Leave13)
			return err
		},
		"imbot.v2.Chat.leave": func(ctx context.Context, c *imbot.Client) error {
			_, err := clienttest.V2(c).Chat.Leave(ctx, v2Leave13)
			return err
		},
	}
	for method, row := range family {
		calls[method] = func(ctx context.Context, c *imbot.Client) error {
			_, err := row.call(ctx, c, "my")
			return err
		}
	}
	return calls
}

// A code of the whole REST API means the same for every method and with every status.
func TestCodes_ofTheSystem(t *testing.T) {
	t.Parallel()
	for method, call := range everyMethod() {
		for file, row := range systemRefusals {
			body := testdata(t, "system/"+file)
			for _, status := range systemStatuses[codeIn(t, body)] {
				t.Run(fmt.Sprintf("%s/%s/%d", method, file, status), func(t *testing.T) {
					t.Parallel()
					portal := imbottest.NewPortal(t)
					portal.On(method, imbottest.Raw(status, "application/json", body))

					err := call(t.Context(), portal.Client(clienttest.WithoutRepeats()...))

					clienttest.MatchesOnly(t, err, row.matches...)
				})
			}
		}
	}
}

// Every code that is known of a method has an answer in testdata, for which the tests of the method say what it
// matches.
func TestCodes_haveAFile(t *testing.T) {
	t.Parallel()
	assert.ElementsMatch(t, slices.Collect(maps.Keys(everyMethod())), slices.Collect(maps.Keys(methodCodes)))
	for method, codes := range methodCodes {
		if !strings.HasPrefix(method, "imbot.v2.") && !family[method].noBot {
			codes = slices.Concat(codes, botCodes)
		}
		assert.Subset(t, codesIn(t, method), codes, method)
	}
	assert.ElementsMatch(t, slices.Collect(maps.Keys(systemStatuses)), codesIn(t, "system"))
}

// codesIn returns the codes of the refusals in a folder of testdata, each once.
func codesIn(t *testing.T, folder string) []string {
	t.Helper()
	codes := map[string]bool{}
	for _, file := range testdataIn(t, folder) {
		if !notRefusals[path.Base(file)] {
			codes[codeIn(t, testdata(t, file))] = true
		}
	}
	return slices.Collect(maps.Keys(codes))
}

func codeIn(t *testing.T, body string) string {
	t.Helper()
	var refused struct {
		Error string `json:"error"`
	}
	require.NoError(t, json.Unmarshal([]byte(body), &refused))
	return refused.Error
}
