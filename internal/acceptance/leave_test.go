package acceptance_test

import (
	"encoding/json"
	"net/http"
	"path"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

func TestLeave_sendsExactlyWhatIsDocumented(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		auth func(p *imbottest.Portal) imbot.Auth
		opts []imbot.Option
		req  imbot.ChatLeaveRequest
		want string
		path string
	}{
		{
			name: "webhook",
			auth: func(p *imbottest.Portal) imbot.Auth { return imbot.Webhook(p.WebhookURL()) },
			req:  imbot.ChatLeaveRequest{ChatID: 13, BotID: 39, ClientID: "EXAMPLE_CLIENT_ID"},
			want: "request_webhook.json",
			path: "/rest/1/" + imbottest.Secret + "/imbot.chat.leave",
		},
		{
			name: "webhook, CLIENT_ID of the client",
			auth: func(p *imbottest.Portal) imbot.Auth { return imbot.Webhook(p.WebhookURL()) },
			opts: []imbot.Option{imbot.WithClientID("EXAMPLE_CLIENT_ID")},
			req:  clienttest.Leave13,
			want: "request_webhook.json",
			path: "/rest/1/" + imbottest.Secret + "/imbot.chat.leave",
		},
		{
			name: "webhook, CLIENT_ID of the call before that of the client",
			auth: func(p *imbottest.Portal) imbot.Auth { return imbot.Webhook(p.WebhookURL()) },
			opts: []imbot.Option{imbot.WithClientID("another")},
			req:  imbot.ChatLeaveRequest{ChatID: 13, BotID: 39, ClientID: "EXAMPLE_CLIENT_ID"},
			want: "request_webhook.json",
			path: "/rest/1/" + imbottest.Secret + "/imbot.chat.leave",
		},
		{
			name: "OAuth",
			auth: func(p *imbottest.Portal) imbot.Auth {
				return imbot.OAuth(p.Endpoint(), imbot.StaticToken("EXAMPLE_TOKEN"))
			},
			req:  clienttest.Leave13,
			want: "request_oauth.json",
			path: "/rest/imbot.chat.leave",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)
			portal.On("imbot.chat.leave", imbottest.Raw(200, "application/json", testdata(t, "imbot.chat.leave/ok.json")))
			client := clienttest.New(t, tt.auth(portal), append(tt.opts, imbot.WithHTTPClient(portal.HTTPClient()))...)

			_, err := client.Chat.Leave(t.Context(), tt.req)

			require.NoError(t, err)
			calls := portal.Calls("imbot.chat.leave")
			require.Len(t, calls, 1)
			sent := calls[0]
			assert.Equal(t, testdata(t, "imbot.chat.leave/"+tt.want), string(sent.Body))
			assert.Equal(t, http.MethodPost, sent.HTTPMethod)
			assert.Equal(t, tt.path, sent.Path)
			assert.Empty(t, sent.Query)
			assert.Equal(t, "application/json", sent.Header.Get("Content-Type"))
			assert.Equal(t, "application/json", sent.Header.Get("Accept"))
			assert.Regexp(t, `^imbot/\d+\.\d+\.\d+$`, sent.Header.Get("User-Agent"))
			assert.Empty(t, sent.Header.Get("Authorization"))
			assert.Empty(t, sent.Header.Get("Cookie"))
		})
	}
}

func TestLeave_sendsWhatIsSetAndNothingElse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		req  imbot.ChatLeaveRequest
		want string
	}{
		{"chat alone", imbot.ChatLeaveRequest{ChatID: 13}, `{"CHAT_ID":13}`},
		{"chat and bot", imbot.ChatLeaveRequest{ChatID: 13, BotID: 39}, `{"CHAT_ID":13,"BOT_ID":39}`},
		{"chat and CLIENT_ID", imbot.ChatLeaveRequest{ChatID: 13, ClientID: "my"}, `{"CHAT_ID":13,"CLIENT_ID":"my"}`},
		{"largest id", imbot.ChatLeaveRequest{ChatID: 1<<63 - 1}, `{"CHAT_ID":9223372036854775807}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)
			portal.On("imbot.chat.leave", imbottest.Result(true))

			_, err := portal.Client().Chat.Leave(t.Context(), tt.req)

			require.NoError(t, err)
			assert.Equal(t, tt.want, string(portal.Calls()[0].Body))
		})
	}
}

func TestLeave_leaves(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	client := portal.Client(imbot.WithClientID(imbottest.ClientID))

	response, err := client.Chat.Leave(t.Context(), clienttest.Leave13)

	require.NoError(t, err)
	assert.True(t, response.Result)
	assert.WithinDuration(t, time.Now(), response.Time.Finish, time.Minute)
	assert.True(t, response.Time.HasOperating)
	assert.False(t, portal.Has(13, 39))

	_, err = client.Chat.Leave(t.Context(), clienttest.Leave13)

	require.ErrorIs(t, err, imbot.ErrNotInChat)
	assert.Equal(t, 1, portal.Removals(13))
}

// leaveRefusals has every file of testdata/imbot.chat.leave with what it has to be taken for.
var leaveRefusals = map[string]refusal{
	"chat_id_empty.json":                      {400, []error{imbot.ErrChatIDEmpty}},
	"dialog_id_empty.json":                    {400, []error{imbot.ErrDialogIDEmpty}},
	"access_error_action_unavailable.json":    {403, []error{imbot.ErrActionUnavailable, imbot.ErrAccess}},
	"access_error_user_delete_forbidden.json": {403, []error{imbot.ErrUserDeleteForbidden, imbot.ErrAccess}},
	"access_error_leave_owner_forbidden.json": {403, []error{imbot.ErrLeaveOwnerForbidden, imbot.ErrAccess}},
	"access_error_localized.json":             {403, []error{imbot.ErrAccess}},
	"leave_owner_forbidden.json":              {403, []error{imbot.ErrLeaveOwnerForbidden, imbot.ErrAccess, imbot.Code("LEAVE_OWNER_FORBIDDEN")}},
	"wrong_request.json":                      {400, []error{imbot.ErrNotInChat, imbot.ErrWrongRequest}},
	"access_denied_kick.json":                 {400, []error{imbot.ErrNotInChat, imbot.ErrWrongRequest, imbot.Code("ACCESS_DENIED_KICK")}},
	"user_not_found.json":                     {400, []error{imbot.ErrNotInChat, imbot.ErrWrongRequest, imbot.Code("USER_NOT_FOUND")}},
	"user_invited_from_structure.json":        {400, []error{imbot.ErrWrongRequest, imbot.Code("USER_INVITED_FROM_STRUCTURE")}},
	"bot_id_error.json":                       {400, []error{imbot.ErrBotID}},
	"app_id_error.json":                       {400, []error{imbot.ErrAppID}},
	"access_denied_client_id.json":            {403, []error{imbot.ErrClientIDMissing, imbot.ErrAccessDenied}},
}

// systemRefusals has every file of testdata/system, the errors that any method may be answered with.
var systemRefusals = map[string]refusal{
	"query_limit_exceeded.json":            {503, []error{imbot.ErrQueryLimitExceeded}},
	"operation_time_limit.json":            {429, []error{imbot.ErrOperationTimeLimit}},
	"overload_limit.json":                  {503, []error{imbot.ErrOverloadLimit}},
	"expired_token.json":                   {401, []error{imbot.ErrExpiredToken}},
	"invalid_token.json":                   {401, []error{imbot.ErrInvalidToken}},
	"no_auth_found.json":                   {401, []error{imbot.ErrNoAuthFound}},
	"invalid_credentials.json":             {401, []error{imbot.ErrInvalidCredentials}},
	"insufficient_scope.json":              {401, []error{imbot.ErrInsufficientScope}},
	"user_access_error.json":               {401, []error{imbot.ErrUserAccess}},
	"access_denied_plan.json":              {401, []error{imbot.ErrAccessDenied}},
	"error_method_not_found.json":          {404, []error{imbot.ErrMethodNotFound}},
	"portal_deleted.json":                  {403, []error{imbot.ErrPortalDeleted}},
	"invalid_request.json":                 {401, []error{imbot.ErrInvalidRequest}},
	"internal_server_error.json":           {500, []error{imbot.ErrInternalServer, imbot.ErrOutcomeUnknown}},
	"error_unexpected_answer.json":         {500, []error{imbot.ErrUnexpectedAnswer, imbot.ErrOutcomeUnknown}},
	"payment_required.json":                {401, []error{imbot.ErrPaymentRequired}},
	"application_not_found.json":           {401, []error{imbot.ErrApplicationNotFound}},
	"wrong_auth_type.json":                 {403, []error{imbot.ErrWrongAuthType}},
	"authorization_error.json":             {401, []error{imbot.Code("authorization_error")}},
	"error_oauth.json":                     {401, []error{imbot.Code("ERROR_OAUTH")}},
	"method_confirm_waiting.json":          {401, []error{imbot.Code("METHOD_CONFIRM_WAITING")}},
	"method_confirm_denied.json":           {403, []error{imbot.Code("METHOD_CONFIRM_DENIED")}},
	"connection_error.json":                {401, []error{imbot.Code("CONNECTION_ERROR")}},
	"access_denied_link.json":              {403, []error{imbot.ErrAccessDenied}},
	"error_manifest_is_not_available.json": {404, []error{imbot.Code("ERROR_MANIFEST_IS_NOT_AVAILABLE")}},
	"error_batch_length_exceeded.json":     {400, []error{imbot.ErrBatchLengthExceeded}},
	"error_batch_method_not_allowed.json":  {405, []error{imbot.ErrBatchMethodNotAllowed}},
	"internal_wrong_transport.json":        {500, []error{imbot.Code("INTERNAL_WRONG_TRANSPORT")}},
	"error_core.json":                      {500, []error{imbot.Code("ERROR_CORE"), imbot.ErrOutcomeUnknown}},
	"error_argument.json":                  {400, []error{imbot.Code("ERROR_ARGUMENT")}},
	"wrong_license.json":                   {403, []error{imbot.Code("WRONG_LICENSE")}},
	"allowed_only_intranet_user.json":      {403, []error{imbot.Code("ALLOWED_ONLY_INTRANET_USER")}},
	"wrong_encoding.json":                  {200, []error{imbot.Code("WRONG_ENCODING"), imbot.ErrOutcomeUnknown}},
}

// notRefusals are the files beside the refusals.
var notRefusals = map[string]bool{"ok.json": true, "request_webhook.json": true, "request_oauth.json": true}

func TestLeave_refusals(t *testing.T) {
	t.Parallel()
	for dir, table := range map[string]map[string]refusal{"imbot.chat.leave": leaveRefusals, "system": systemRefusals} {
		for file, tt := range table {
			t.Run(dir+"/"+file, func(t *testing.T) {
				t.Parallel()
				body := testdata(t, dir+"/"+file)
				portal := imbottest.NewPortal(t)
				portal.On("imbot.chat.leave", imbottest.Raw(tt.status, "application/json; charset=utf-8", body))
				client := portal.Client(clienttest.WithoutRepeats()...)

				response, err := client.Chat.Leave(t.Context(), clienttest.Leave13)

				assert.Nil(t, response)
				clienttest.MatchesOnly(t, err, tt.matches...)
				var wire struct {
					Error       imbot.Code `json:"error"`
					Description string     `json:"error_description"`
				}
				require.NoError(t, json.Unmarshal([]byte(body), &wire))
				var apiErr *imbot.APIError
				require.ErrorAs(t, err, &apiErr)
				assert.Equal(t, "imbot.chat.leave", apiErr.Method)
				assert.Equal(t, tt.status, apiErr.StatusCode)
				assert.Equal(t, wire.Error, apiErr.Code)
				assert.Equal(t, wire.Description, apiErr.Description)
				assert.Len(t, portal.Calls(), 1, "a refusal is not repeated")
			})
		}
	}
}

func TestLeave_everyFileHasARow(t *testing.T) {
	t.Parallel()
	for dir, has := range map[string]func(string) bool{
		"imbot.chat.leave": func(file string) bool { _, ok := leaveRefusals[file]; return ok || notRefusals[file] },
		"system":           func(file string) bool { _, ok := systemRefusals[file]; return ok },
	} {
		for _, file := range testdataIn(t, dir) {
			assert.True(t, has(path.Base(file)), "%s has no row", file)
		}
	}
}

// A situation is recognized by its code and, where the code has several, by the whole description.
func TestLeave_recognizesSituations(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name              string
		code, description string
		matches           []error
	}{
		{"letter case of the code", "access_error", "LEAVE_OWNER_FORBIDDEN", []error{imbot.ErrLeaveOwnerForbidden, imbot.ErrAccess}},
		{"letter case of the text", "ACCESS_ERROR", "leave_owner_forbidden", []error{imbot.ErrLeaveOwnerForbidden, imbot.ErrAccess}},
		{"blanks around the text", "ACCESS_ERROR", "  Action unavailable\n", []error{imbot.ErrActionUnavailable, imbot.ErrAccess}},
		{"a text that goes on", "ACCESS_ERROR", "Action unavailable today", []error{imbot.ErrAccess}},
		{"an unknown text", "ACCESS_ERROR", "Not on Sundays", []error{imbot.ErrAccess}},
		{"no text", "ACCESS_ERROR", "", []error{imbot.ErrAccess}},
		{"the text under another code", "SOMETHING_ELSE", "LEAVE_OWNER_FORBIDDEN", []error{imbot.Code("SOMETHING_ELSE")}},
		{"the text of one code under another", "ACCESS_DENIED", "Action unavailable", []error{imbot.ErrAccessDenied}},
		{"any text of not being in the chat", "WRONG_REQUEST", "ничего", []error{imbot.ErrNotInChat, imbot.ErrWrongRequest}},
		{"the plan", "ACCESS_DENIED", "REST is available only by subscription.", []error{imbot.ErrAccessDenied}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)
			portal.On("imbot.chat.leave", imbottest.Refuse(403, tt.code, tt.description))

			_, err := portal.Client().Chat.Leave(t.Context(), clienttest.Leave13)

			clienttest.MatchesOnly(t, err, tt.matches...)
		})
	}
}

func TestLeave_findsMistakesBeforeSending(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		req   imbot.ChatLeaveRequest
		param string
		want  error
	}{
		{"no chat", imbot.ChatLeaveRequest{BotID: 39}, "CHAT_ID", imbot.ErrChatIDEmpty},
		{"negative chat", imbot.ChatLeaveRequest{ChatID: -13, BotID: 39}, "CHAT_ID", imbot.ErrChatIDEmpty},
		{"negative bot", imbot.ChatLeaveRequest{ChatID: 13, BotID: -1}, "BOT_ID", imbot.ErrBotID},
		{"both: the chat first, as on the portal", imbot.ChatLeaveRequest{BotID: -1}, "CHAT_ID", imbot.ErrChatIDEmpty},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)

			_, err := portal.Client().Chat.Leave(t.Context(), tt.req)

			require.ErrorIs(t, err, tt.want)
			require.NotErrorIs(t, err, imbot.ErrOutcomeUnknown)
			var paramErr *imbot.ParamError
			require.ErrorAs(t, err, &paramErr)
			assert.Equal(t, "imbot.chat.leave", paramErr.Method)
			assert.Equal(t, tt.param, paramErr.Param)
			var apiErr *imbot.APIError
			assert.NotErrorAs(t, err, &apiErr, "a mistake found here is told from a refusal by its type")
			assert.Empty(t, portal.Calls())
		})
	}
}

// An error that is null is none.
func TestLeave_nullError(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	portal.On("imbot.chat.leave", imbottest.Raw(200, "application/json", `{"result":true,"error":null}`))

	response, err := portal.Client().Chat.Leave(t.Context(), clienttest.Leave13)

	require.NoError(t, err)
	assert.True(t, response.Result)
}

// The result true is a success, and nothing else.
func TestLeave_unexpectedResults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		body    string
		unknown bool
	}{
		{`{"result":false}`, false}, // a plain no
		{`{"result":null}`, true},
		{`{"time":{}}`, true},
		{`{}`, true},
		{`{"result":1}`, true},
		{`{"result":"true"}`, true},
		{`{"result":[]}`, true},
		{`{"result":[true]}`, true},
		{`{"result":{"result":true}}`, true},
	}
	for _, tt := range tests {
		t.Run(tt.body, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)
			portal.On("imbot.chat.leave", imbottest.Raw(200, "application/json", tt.body))

			response, err := portal.Client().Chat.Leave(t.Context(), clienttest.Leave13)

			assert.Nil(t, response)
			require.ErrorIs(t, err, imbot.ErrUnexpectedResult)
			if tt.unknown {
				require.ErrorIs(t, err, imbot.ErrOutcomeUnknown)
			} else {
				require.NotErrorIs(t, err, imbot.ErrOutcomeUnknown)
			}
		})
	}
}
