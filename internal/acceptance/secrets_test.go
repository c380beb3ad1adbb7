package acceptance_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
	"github.com/seed-a6e4e5a4/imbot/internal/secrettest"
)

// The three secrets of a bot backend. Each is long enough not to be found by chance.
const (
	secretHook     = "EXAMPLEhookSECRET7c1f"
	secretToken    = "EXAMPLEtokenSECRET93ab"
	secretClientID = "EXAMPLEclientSECRET55de"

	secretURL = "https://portal.example/rest/1/" + secretHook + "/"

	// secretHandler is where a portal posts events, with what revision 33 knows a bot by.
	secretHandler = "https://" + secretToken + "@bot.example/h?CLIENT_ID=" + secretClientID
)

var secrets = secrettest.Secrets{secretHook, secretToken, secretClientID}

// secretAuth is an Auth with the secret in it.
type secretAuth struct {
	imbot.Auth
	secret string
}

func auths() map[string]secretAuth {
	return map[string]secretAuth{
		"webhook": {imbot.Webhook(secretURL), secretHook},
		"OAuth":   {imbot.OAuth("https://portal.example/rest/", imbot.StaticToken(secretToken)), secretToken},
	}
}

// Every exported type has a row. What the row makes is given every secret that the type can hold.
func exportedValues(t testing.TB) map[string][]any {
	t.Helper()
	webhook := imbot.Webhook(secretURL)
	oauth := imbot.OAuth("https://portal.example/rest/", imbot.StaticToken(secretToken))
	byWebhook := clienttest.New(t, webhook, imbot.WithClientID(secretClientID), imbot.WithHTTPClient(&http.Client{}))
	byOAuth := clienttest.New(t, oauth, imbot.WithClientID(secretClientID))
	request := imbot.ChatLeaveRequest{ChatID: 13, BotID: 39, ClientID: secretClientID}
	batch := byWebhook.NewBatch(imbot.WithHalt())
	queued := imbot.Queue(batch, imbot.MethodChatLeave, request)
	refused := imbot.Queue(batch, imbot.MethodChatLeave, imbot.ChatLeaveRequest{ClientID: secretClientID})
	rows := map[string][]any{
		"Batch":       {batch, *batch},
		"BatchOption": {imbot.WithHalt()},
		"Refusal":     {imbot.MethodChatLeave.Refusals[0], imbot.MethodChatLeave.Refusals},
		"Queued":      {queued, *queued, refused, *refused},
		"LeaveResult": {
			imbot.LeaveResult{Request: request, Err: imbot.ErrAccess},
			&imbot.LeaveResult{Request: request},
		},
		"LeaveResultOf":  {imbot.LeaveResultOf[imbot.ChatGetRequest]{Err: imbot.ErrAccess}},
		"LeaveBy":        {imbot.LeaveBy[imbot.ChatLeaveRequest, bool]{Method: imbot.MethodChatLeave}},
		"LeaveProgress":  {imbot.LeaveProgress{Taken: 5}},
		"LeaveAllOption": {imbot.WithBatchSize(5)},
		"Auth":           {webhook, &webhook, oauth, &oauth, imbot.Auth{}, imbot.Webhook("https://me:" + secretHook + "@portal.example")},
		"Client":         {byWebhook, *byWebhook, byOAuth, *byOAuth},
		"ChatService":    {byWebhook.Chat, *byWebhook.Chat, byOAuth.Chat},
		"StaticToken":    {imbot.StaticToken(secretToken), new(imbot.StaticToken(secretToken))},
		"TokenSource":    {imbot.TokenSource(imbot.StaticToken(secretToken))},
		"TokenRefresher": {clienttest.Refresher(
			func(context.Context) (string, error) { return secretToken, nil },
			func(context.Context, string) (string, error) { return secretToken, nil },
		)},
		"Option":            {imbot.WithClientID(secretClientID)},
		"Limiter":           {imbot.Limiter(imbot.NewLimiter(imbot.PlanStandard))},
		"Plan":              {imbot.PlanEnterprise},
		"RetryPolicy":       {imbot.RetryPolicy{MaxAttempts: 3}},
		"RedirectPolicy":    {imbot.RedirectPolicy(imbot.RenamedPortal)},
		"Attempt":           {imbot.Attempt{Method: "x", Err: imbot.ErrAccess}},
		"ChatLeaveRequest":  {request, &request},
		"ChatLeaveResponse": {&imbot.ChatLeaveResponse{Result: true}},
		"Response":          {imbot.Response[int]{Result: 5}},
		"LeaveState":        {imbot.Left},
		"LeaveOutcome":      {imbot.LeaveOutcome{State: imbot.Out}},
		"Method":            {imbot.MethodChatLeave, &imbot.MethodChatLeave},
		"Time":              {imbot.Time{Start: time.Now()}},
		"Code":              {imbot.ErrAccess},
		"APIError":          {&imbot.APIError{Method: "x", Code: imbot.ErrAccess}, imbot.APIError{}},
		"ErrorDetail":       {imbot.ErrorDetail{Field: "x"}},
		"ParamError":        {&imbot.ParamError{Param: "x", Err: errors.New("y")}},
		"RedirectError":     {&imbot.RedirectError{Method: "x", Host: "y"}},
		"ChatID":            {imbot.ChatID(13)},
		"BotID":             {imbot.BotID(13)},
		"UserID":            {imbot.UserID(13)},
		"DialogID":          {imbot.DialogID("chat13")},
	}
	maps.Copy(rows, familyValues(byWebhook))
	maps.Copy(rows, botFamilyValues(byWebhook))
	return rows
}

// familyValues has the exported types of the family for exportedValues.
func familyValues(c *imbot.Client) map[string][]any {
	add := imbot.ChatAddRequest{Users: []imbot.UserID{7}, Avatar: picture(dot), ClientID: secretClientID}
	userAdd := imbot.ChatUserAddRequest{ChatID: 13, HideHistory: new(imbot.Yes), ClientID: secretClientID}
	avatar := imbot.ChatUpdateAvatarRequest{ChatID: 13, Avatar: picture(dot), ClientID: secretClientID}
	manager := imbot.ChatSetManagerRequest{ChatID: 13, IsManager: new(imbot.No), ClientID: secretClientID}
	return map[string][]any{
		"ChatUserService":          {c.Chat.User, *c.Chat.User},
		"BotService":               {c.Bot, *c.Bot},
		"DialogService":            {c.Dialog, *c.Dialog},
		"Advice":                   {imbot.Explain(imbot.ErrAccess)},
		"CallInfo":                 {imbot.CallInfo{Method: "imbot.chat.leave", Portal: "portal.example"}},
		"CallResult":               {imbot.CallResult{Outcome: imbot.CallRefused, Err: imbot.ErrAccess, Code: imbot.ErrAccess}},
		"CallWait":                 {imbot.CallWait{Backoff: 1}},
		"CallOutcome":              {imbot.CallDone},
		"Goal":                     {imbot.GoalLeaveAll},
		"GoalInfo":                 {imbot.GoalInfo{Goal: imbot.GoalEnsureLeft, Method: "imbot.chat.leave", Portal: "portal.example"}},
		"GoalResult":               {imbot.GoalResult{Failed: 2, Unknown: 1}},
		"ChatAddRequest":           {add, &add},
		"ChatUpdateTitleRequest":   {imbot.ChatUpdateTitleRequest{ChatID: 13, Title: "x", ClientID: secretClientID}},
		"ChatUpdateColorRequest":   {imbot.ChatUpdateColorRequest{ChatID: 13, ClientID: secretClientID}},
		"ChatUpdateAvatarRequest":  {avatar, &avatar},
		"ChatSetOwnerRequest":      {imbot.ChatSetOwnerRequest{ChatID: 13, ClientID: secretClientID}},
		"ChatSetManagerRequest":    {manager, &manager},
		"ChatSendTypingRequest":    {imbot.ChatSendTypingRequest{DialogID: "chat13", ClientID: secretClientID}},
		"ChatUserAddRequest":       {userAdd, &userAdd},
		"ChatUserListRequest":      {imbot.ChatUserListRequest{ChatID: 13, ClientID: secretClientID}},
		"ChatUserDeleteRequest":    {imbot.ChatUserDeleteRequest{ChatID: 13, ClientID: secretClientID}},
		"ChatGetRequest":           {imbot.ChatGetRequest{EntityType: "x", EntityID: "y"}},
		"BotListRequest":           {imbot.BotListRequest{}},
		"DialogGetRequest":         {imbot.DialogGetRequest{DialogID: "chat13"}},
		"ChatAddResponse":          {imbot.ChatAddResponse{Result: 13}},
		"ChatGetResponse":          {imbot.ChatGetResponse{Result: imbot.ChatRef{ID: 13}}},
		"ChatUpdateTitleResponse":  {imbot.ChatUpdateTitleResponse{Result: true}},
		"ChatUpdateColorResponse":  {imbot.ChatUpdateColorResponse{Result: true}},
		"ChatUpdateAvatarResponse": {imbot.ChatUpdateAvatarResponse{Result: true}},
		"ChatSetOwnerResponse":     {imbot.ChatSetOwnerResponse{Result: true}},
		"ChatSetManagerResponse":   {imbot.ChatSetManagerResponse{Result: true}},
		"ChatSendTypingResponse":   {imbot.ChatSendTypingResponse{Result: true}},
		"ChatUserAddResponse":      {imbot.ChatUserAddResponse{Result: true}},
		"ChatUserListResponse":     {imbot.ChatUserListResponse{Result: imbot.UserIDs{7}}},
		"ChatUserDeleteResponse":   {imbot.ChatUserDeleteResponse{Result: true}},
		"BotListResponse":          {imbot.BotListResponse{Result: imbot.BotList{{ID: 39}}}},
		"DialogGetResponse":        {imbot.DialogGetResponse{Result: documentedDialog}},
		"ChatRef":                  {imbot.ChatRef{ID: 13}},
		"Bot":                      {imbot.Bot{ID: 39}},
		"BotList":                  {imbot.BotList{{ID: 39}}},
		"UserIDs":                  {imbot.UserIDs{7}},
		"MessageID":                {imbot.MessageID(7)},
		"ChatType":                 {imbot.ChatOpen},
		"Color":                    {imbot.ColorAqua},
		"YesNo":                    {imbot.Yes, new(imbot.No)},
		"Image":                    {imbot.Image(secretClientID)[:0], picture(dot)},
		"FileContent":              {imbot.NewFileContent(strings.NewReader(secretClientID), int64(len(secretClientID)))},
		"Role":                     {imbot.RoleOwner},
		"LeavePreflight":           {imbot.LeavePreflight{Reason: imbot.ErrAccess}},
		"Dialog":                   {documentedDialog, &documentedDialog},
		"DialogRestrictions":       {documentedDialog.Restrictions},
		"DialogPermissions":        {documentedDialog.Permissions},
		"DialogEntityLink":         {documentedDialog.EntityLink},
		"DialogPublic":             {documentedDialog.Public},
		"DialogReader":             {documentedDialog.ReadBy[0]},
		"DialogViews":              {documentedDialog.LastMessageViews},
	}
}

func TestSecrets_everyExportedTypeHasARow(t *testing.T) {
	t.Parallel()
	assert.ElementsMatch(t, secrettest.ExportedTypes(t, root), slices.Collect(maps.Keys(exportedValues(t))))
}

func TestSecrets_noValueShowsOne(t *testing.T) {
	t.Parallel()
	for name, values := range exportedValues(t) {
		for _, value := range values {
			secrets.NotPrinted(t, value, name)
			if isRequest(value) {
				encoded, err := json.Marshal(value)
				require.NoError(t, err)
				assert.Contains(t, string(encoded), secretClientID, "a request as JSON is what is sent")
				continue // and its ClientID is a field like another, so a holder would print it
			}
			secrets.NotEncoded(t, value, name)
			if _, ok := value.(imbot.TokenSource); ok {
				continue // a StaticToken is a string underneath: only its own methods guard it
			}
			if strings.HasSuffix(name, "LeaveResult") {
				continue // it has a request inside
			}
			secrets.NotReached(t, value, name)
		}
	}
}

// isRequest reports whether value is a request that has a secret, or the part of one that has the addresses of handlers.
func isRequest(value any) bool {
	typ := reflect.Indirect(reflect.ValueOf(value)).Type()
	if name := typ.Name(); name == "BotUpdateFields" || name == "CommandUpdateFields" {
		return true
	}
	if !strings.HasSuffix(typ.Name(), "Request") {
		return false
	}
	_, named := typ.FieldByName("ClientID")
	return named
}

// Reflection finds no token in an Auth, not even a StaticToken.
func TestSecrets_authHoldsTokensInClosures(t *testing.T) {
	t.Parallel()
	auth := imbot.OAuth("https://portal.example/rest/", imbot.StaticToken(secretToken))
	secrets.NotReached(t, auth, "Auth")
	secrets.NotReached(t, clienttest.New(t, auth), "Client")
}

func TestSecrets_noMistakeShowsOne(t *testing.T) {
	t.Parallel()
	for _, auth := range []imbot.Auth{
		imbot.Webhook(secretURL + "imbot.chat.leave"),
		imbot.Webhook("http://portal.example/rest/1/" + secretHook),
		imbot.Webhook("https://portal.example/rest/1/" + secretHook + "\x7f"),
		imbot.Webhook("https://" + secretHook + ":" + secretToken + "@portal.example/rest/1/x/"),
		imbot.OAuth("https://portal.example/rest/?auth="+secretToken, imbot.StaticToken(secretToken)),
		imbot.OAuth("https://portal.example/rest/%zz"+secretToken, imbot.StaticToken(secretToken)),
	} {
		_, err := imbot.NewClient(auth)
		require.Error(t, err)
		secrets.NotPrinted(t, err, "NewClient")
		secrets.NotPrinted(t, auth, "Auth")
	}
	client := clienttest.New(t, imbot.Webhook(secretURL))
	_, err := client.Chat.Leave(t.Context(), imbot.ChatLeaveRequest{ClientID: secretClientID})
	require.Error(t, err)
	secrets.NotPrinted(t, err, "ParamError")
	_, err = imbot.Call(t.Context(), client, imbot.Method[chan string, bool]{Name: "x"}, make(chan string))
	require.Error(t, err)
	secrets.NotPrinted(t, err, "ParamError")
}
