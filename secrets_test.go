package imbot_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

// The three secrets of a bot backend. Each is long enough to be found by chance nowhere.
const (
	secretHook     = "EXAMPLEhookSECRET7c1f"
	secretToken    = "EXAMPLEtokenSECRET93ab"
	secretClientID = "EXAMPLEclientSECRET55de"

	secretURL = "https://portal.example/rest/1/" + secretHook + "/"
)

// assertNoSecret searches a text for each secret, as it is, in hexadecimal and as %d prints bytes: the forms that fmt,
// slog and encoding/json can give a string.
func assertNoSecret(t testing.TB, text, where string) {
	t.Helper()
	folded := strings.ToLower(text)
	for _, secret := range []string{secretHook, secretToken, secretClientID} {
		digits := strings.Trim(fmt.Sprintf("%d", []byte(secret)), "[]")
		for _, form := range []string{strings.ToLower(secret), hex.EncodeToString([]byte(secret)), digits} {
			assert.NotContains(t, folded, form, where)
		}
	}
}

var verbs = []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"}

// assertPrintsNoSecret prints a value in every way that a program may print it.
func assertPrintsNoSecret(t testing.TB, value any, where string) {
	t.Helper()
	for _, verb := range verbs {
		assertNoSecret(t, fmt.Sprintf(verb, value), where+" "+verb)
		assertNoSecret(t, fmt.Sprintf(verb, []any{value}), where+" in a slice "+verb)
		assertNoSecret(t, fmt.Sprintf(verb, struct{ V any }{value}), where+" in a struct "+verb)
	}
	var out bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(handler).Info("value", "v", value, slog.Group("g", "v", value))
	}
	assertNoSecret(t, out.String(), where+" by slog")
}

// holder keeps a value where the methods of its type are out of fmt's reach.
type holder struct{ hidden any }

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
		"Queued":      {queued, *queued, refused, *refused},
		"LeaveResult": {
			imbot.LeaveResult{Request: request, Err: imbot.ErrAccess},
			&imbot.LeaveResult{Request: request},
		},
		"LeaveProgress":  {imbot.LeaveProgress{Taken: 5}},
		"LeaveAllOption": {imbot.WithBatchSize(5)},
		"Auth":           {webhook, &webhook, oauth, &oauth, imbot.Auth{}, imbot.Webhook("https://me:" + secretHook + "@portal.example")},
		"Client":         {byWebhook, *byWebhook, byOAuth, *byOAuth},
		"ChatService":    {byWebhook.Chat, *byWebhook.Chat, byOAuth.Chat},
		"V2Service":      {byWebhook.V2, *byWebhook.V2, byOAuth.V2},
		"V2ChatService":  {byWebhook.V2.Chat, *byWebhook.V2.Chat, byOAuth.V2.Chat},
		"V2ChatLeaveRequest": {
			imbot.V2ChatLeaveRequest{BotID: 39, DialogID: "chat13", BotToken: secretClientID},
			&imbot.V2ChatLeaveRequest{BotID: 39, DialogID: "chat13", BotToken: secretClientID},
		},
		"V2Result":            {imbot.V2Result(true)},
		"V2ChatLeaveResponse": {&imbot.V2ChatLeaveResponse{Result: true}},
		"StaticToken":         {imbot.StaticToken(secretToken), new(imbot.StaticToken(secretToken))},
		"TokenSource":         {imbot.TokenSource(imbot.StaticToken(secretToken))},
		"TokenRefresher": {imbot.TokenRefresher(clienttest.Refresher(
			func(context.Context) (string, error) { return secretToken, nil },
			func(context.Context, string) (string, error) { return secretToken, nil },
		))},
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
	return rows
}

func TestSecrets_everyExportedTypeHasARow(t *testing.T) {
	t.Parallel()
	rows := exportedValues(t)
	for _, decl := range packageDecls(t) {
		gen, ok := decl.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range gen.Specs {
			if typ, ok := spec.(*ast.TypeSpec); ok && typ.Name.IsExported() {
				assert.NotEmpty(t, rows[typ.Name.Name], "%s has no row in exportedValues", typ.Name.Name)
			}
		}
	}
}

func TestSecrets_noValueShowsOne(t *testing.T) {
	t.Parallel()
	for name, values := range exportedValues(t) {
		for _, value := range values {
			assertPrintsNoSecret(t, value, name)
			encoded, err := json.Marshal(value)
			if isRequest(value) {
				require.NoError(t, err)
				assert.Contains(t, string(encoded), secretClientID, "a request as JSON is what is sent")
				continue // and its ClientID is a field like another, so a holder would print it
			}
			if err == nil {
				assertNoSecret(t, string(encoded), name+" as JSON")
			}
			if _, ok := value.(imbot.TokenSource); ok {
				continue // a StaticToken is a string underneath: only its own methods guard it
			}
			if strings.HasSuffix(name, "LeaveResult") {
				continue // it has a request inside
			}
			for _, verb := range verbs {
				assertNoSecret(t, fmt.Sprintf(verb, holder{value}), name+" in an unexported field "+verb)
			}
		}
	}
}

// isRequest tells whether value is a request that has a secret.
func isRequest(value any) bool {
	typ := reflect.Indirect(reflect.ValueOf(value)).Type()
	if !strings.HasSuffix(typ.Name(), "Request") {
		return false
	}
	_, v1 := typ.FieldByName("ClientID")
	_, v2 := typ.FieldByName("BotToken")
	return v1 || v2
}

// An Auth keeps even a StaticToken where reflection finds no text.
func TestSecrets_authHoldsTokensInClosures(t *testing.T) {
	t.Parallel()
	auth := imbot.OAuth("https://portal.example/rest/", imbot.StaticToken(secretToken))
	for _, verb := range verbs {
		assertNoSecret(t, fmt.Sprintf(verb, holder{auth}), verb)
		assertNoSecret(t, fmt.Sprintf(verb, holder{clienttest.New(t, auth)}), verb)
	}
}

// quoting is a transport's error that repeats the whole request, and holds it too.
type quoting struct{ request *http.Request }

func (e quoting) Error() string {
	body, _ := io.ReadAll(e.request.Body)
	return fmt.Sprintf("POST %s %s failed (%s)", e.request.URL, body, url.QueryEscape(e.request.URL.String()))
}

// failures are ways in which a call can fail, each repeating the secrets that the client knows.
func failures(t testing.TB, secrets ...string) map[string]http.RoundTripper {
	t.Helper()
	echo := secretURL
	if secrets[0] != secretHook {
		echo = strings.Join(secrets, " ")
	}
	echo += " " + strings.Join(secrets, " ")
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	untrusted := httptest.NewUnstartedServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = discardLog()
	untrusted.StartTLS()
	t.Cleanup(untrusted.Close)
	through := func(server *httptest.Server) http.RoundTripper {
		return &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			var dialer net.Dialer
			return dialer.DialContext(ctx, network, server.Listener.Addr().String())
		}}
	}
	answer := func(status int, header http.Header, body string) http.RoundTripper {
		return clienttest.RoundTrip(func(req *http.Request) (*http.Response, error) {
			header := header.Clone()
			if header == nil {
				header = http.Header{}
			}
			header["X-"+secrets[0]] = []string{echo}
			return &http.Response{
				StatusCode: status, Status: fmt.Sprint(status, " ", echo), Header: header, Body: io.NopCloser(strings.NewReader(body)), Request: req,
			}, nil
		})
	}
	fail := func(err func(*http.Request) error) http.RoundTripper {
		return clienttest.RoundTrip(func(req *http.Request) (*http.Response, error) { return nil, err(req) })
	}
	return map[string]http.RoundTripper{
		"refused dial":       through(closed),
		"TLS":                through(untrusted),
		"no TLS":             fail(func(*http.Request) error { return tls.RecordHeaderError{Msg: echo} }),
		"timed out":          fail(func(req *http.Request) error { return timeoutError{req.URL.String()} }),
		"canceled":           fail(func(*http.Request) error { return context.Canceled }),
		"quoting error":      fail(func(req *http.Request) error { return quoting{req} }),
		"wrapped URL":        fail(func(req *http.Request) error { return &url.Error{Op: "Post", URL: req.URL.String(), Err: io.EOF} }),
		"bad Location":       answer(302, http.Header{"Location": {"https://%zz" + echo}}, ""),
		"redirect":           answer(302, http.Header{"Location": {"https://portal.example/" + url.PathEscape(echo)}}, echo),
		"redirect to secret": answer(302, http.Header{"Location": {"https://" + strings.Join(secrets, ".") + "/"}}, ""),
		"HTML":               answer(502, http.Header{"Content-Type": {"text/html"}}, "<html>"+echo),
		"odd type":           answer(502, http.Header{"Content-Type": {strings.Join(secrets, "/")}}, echo),
		"wrong type":         answer(200, nil, `{"result":"`+echo+`"}`),
		"half an answer":     answer(200, nil, `{"result":"`+echo),
		"echoing refusal":    answer(403, nil, `{"error":"`+echo+`","error_description":"`+echo+`","argument":"`+echo+`"}`),
		"a code with it":     answer(404, nil, `{"error":"NO_METHOD_`+strings.Join(secrets, "_")+`x"}`),
		"a long text":        answer(400, nil, `{"error":"`+strings.Repeat("A", 190)+secrets[0]+`","error_description":"`+strings.Repeat("x", 2<<10-5)+secrets[0]+`"}`),
		"echoing object":     answer(400, nil, `{"error":{"code":"`+echo+`","message":"`+echo+`","validation":[{"field":"`+echo+`","message":"`+echo+`"}]}}`),
	}
}

func TestSecrets_noFailureShowsOne(t *testing.T) {
	t.Parallel()
	for kind, auth := range auths() {
		for failure, transport := range failures(t, auth.secret, secretClientID) {
			for _, clientID := range []string{"of the request", "of the client"} {
				where := fmt.Sprintf("%s by %s, CLIENT_ID %s", failure, kind, clientID)
				opts := append(clienttest.WithoutRepeats(), imbot.WithHTTPClient(&http.Client{Transport: transport}))
				request := imbot.ChatLeaveRequest{ChatID: 13, BotID: 39, ClientID: secretClientID}
				if clientID == "of the client" {
					opts, request.ClientID = append(opts, imbot.WithClientID(secretClientID)), ""
				}

				_, err := clienttest.New(t, auth.Auth, opts...).Chat.Leave(t.Context(), request)

				require.Error(t, err, where)
				for depth := 0; err != nil && depth < 10; depth++ {
					assertPrintsNoSecret(t, err, fmt.Sprintf("%s, layer %d: %T", where, depth, err))
					err = errors.Unwrap(err)
				}
			}
		}
	}
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
		assertPrintsNoSecret(t, err, "NewClient")
		assertPrintsNoSecret(t, auth, "Auth")
	}
	client := clienttest.New(t, imbot.Webhook(secretURL))
	_, err := client.Chat.Leave(t.Context(), imbot.ChatLeaveRequest{ClientID: secretClientID})
	require.Error(t, err)
	assertPrintsNoSecret(t, err, "ParamError")
	_, err = imbot.Call(t.Context(), client, imbot.Method[chan string, bool]{Name: "x"}, make(chan string))
	require.Error(t, err)
	assertPrintsNoSecret(t, err, "ParamError")
}

// encoding is a text that has its own form as JSON.
type encoding struct{ text string }

func (e encoding) MarshalJSON() ([]byte, error) { return json.Marshal(e.text) }

// The secrets among the parameters are found in whatever form a request of the program's own has them.
func TestSecrets_ofAnyRequest(t *testing.T) {
	t.Parallel()
	text := secretClientID
	type nested struct {
		Auth struct {
			RefreshToken *string `json:"refresh_token"`
		} `json:"auth"`
	}
	deep := nested{}
	deep.Auth.RefreshToken = &text
	for name, request := range map[string]any{
		"a field": struct {
			ClientID string `json:"CLIENT_ID"`
		}{text},
		"a pointer": struct {
			ClientID *string `json:"CLIENT_ID"`
		}{&text},
		"what encodes itself": struct {
			Token encoding `json:"BOT_TOKEN"`
		}{encoding{text}},
		"a map":             map[string]any{"client_secret": text},
		"a map of pointers": map[string]*string{"access_token": &text},
		"JSON":              json.RawMessage(`{"application_token":"` + text + `"}`),
		"a part of another": deep,
		"a nil pointer":     (*nested)(nil),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			echo := clienttest.RoundTrip(func(req *http.Request) (*http.Response, error) {
				sent, err := io.ReadAll(req.Body)
				assert.NoError(t, err)
				answer, err := json.Marshal(map[string]string{"error": "X", "error_description": string(sent)})
				return &http.Response{StatusCode: http.StatusBadRequest, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(answer))}, err
			})
			client := clienttest.New(t, imbot.Webhook(secretURL), imbot.WithHTTPClient(&http.Client{Transport: echo}))

			_, err := imbot.Call(t.Context(), client, imbot.Method[any, bool]{Name: "x.y"}, request)

			require.ErrorIs(t, err, imbot.Code("X"))
			assertPrintsNoSecret(t, err, name)
		})
	}
}

// The refusal of one command of a batch is as bare of secrets as that of a call.
func TestSecrets_refusedCommandsShowNone(t *testing.T) {
	t.Parallel()
	type request struct {
		ClientID *string `json:"CLIENT_ID"`
	}
	for kind, auth := range auths() {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			echo := auth.secret + " " + secretClientID
			client := clienttest.New(t, auth.Auth, imbot.WithHTTPClient(&http.Client{Transport: clienttest.Answering(http.StatusOK,
				`{"result":{"result":[],"result_error":{"c0":{"error":"X","error_description":"`+echo+`"},"c1":"`+echo+`"}}}`)}))
			batch := client.NewBatch()
			first := imbot.Queue(batch, imbot.Method[request, bool]{Name: "imbot.x"}, request{new(secretClientID)})
			second := imbot.Queue(batch, imbot.MethodChatLeave, clienttest.Leave13)
			require.NoError(t, batch.Do(t.Context()))

			for _, q := range []interface {
				Result() (*imbot.Response[bool], error)
			}{first, second} {
				_, err := q.Result()
				var refused *imbot.APIError
				require.ErrorAs(t, err, &refused)
				assert.Equal(t, "*** ***", refused.Description)
				assertPrintsNoSecret(t, err, kind)
			}
		})
	}
}

// What middleware is handed, answers included, has no credentials in it.
func TestSecrets_middlewareSeesNone(t *testing.T) {
	t.Parallel()
	for kind, auth := range auths() {
		for failure, transport := range failures(t, auth.secret) {
			var seen bytes.Buffer
			look := func(next http.RoundTripper) http.RoundTripper {
				return clienttest.RoundTrip(func(req *http.Request) (*http.Response, error) {
					fmt.Fprintf(&seen, "%v %v", req.URL, req.Header)
					resp, err := next.RoundTrip(req)
					if err != nil {
						fmt.Fprintf(&seen, "%v %+v", err, err)
						return resp, err
					}
					body, err := io.ReadAll(resp.Body)
					resp.Body = io.NopCloser(bytes.NewReader(body))
					fmt.Fprintf(&seen, "%v %v %s %s", resp.Header, resp.Request.URL, resp.Status, body)
					return resp, err
				})
			}
			client := clienttest.New(t, auth.Auth, append(clienttest.WithoutRepeats(), imbot.WithMiddleware(look),
				imbot.WithHTTPClient(&http.Client{Transport: transport}))...)

			_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)

			require.Error(t, err)
			assert.NotContains(t, strings.ToLower(seen.String()), strings.ToLower(auth.secret), "%s by %s", failure, kind)
		}
	}
}

// What middleware is not to see is not lost for who made the call; and where middleware changes an answer, that counts.
func TestSecrets_middlewareChangesNoResult(t *testing.T) {
	t.Parallel()
	method := imbot.Method[params, string]{Name: "imbot.x"}
	for _, text := range []string{"x", secretHook, "x" + secretHook + `\u0022` + secretHook} {
		body := `{"result":"` + text + `"}`
		var seen string
		look := func(next http.RoundTripper) http.RoundTripper {
			return clienttest.RoundTrip(func(req *http.Request) (*http.Response, error) {
				resp, err := next.RoundTrip(req)
				if err != nil {
					return nil, err
				}
				read, err := io.ReadAll(resp.Body)
				seen = string(read)
				resp.Body = io.NopCloser(bytes.NewReader(read))
				return resp, err
			})
		}
		client := clienttest.New(t, imbot.Webhook(secretURL), imbot.WithHTTPClient(&http.Client{Transport: clienttest.Answering(200, body)}), imbot.WithMiddleware(look))

		got, err := imbot.Call(t.Context(), client, method, params{})

		require.NoError(t, err)
		assert.Equal(t, strings.ReplaceAll(text, `\u0022`, `"`), got.Result)
		assert.Equal(t, strings.ReplaceAll(body, secretHook, strings.Repeat("*", len(secretHook))), seen)

		replace := func(next http.RoundTripper) http.RoundTripper {
			return clienttest.RoundTrip(func(req *http.Request) (*http.Response, error) {
				resp, err := next.RoundTrip(req)
				if err == nil {
					resp.Body = io.NopCloser(strings.NewReader(`{"result":"another"}`))
				}
				return resp, err
			})
		}
		client = clienttest.New(t, imbot.Webhook(secretURL), imbot.WithHTTPClient(&http.Client{Transport: clienttest.Answering(200, body)}), imbot.WithMiddleware(replace))
		got, err = imbot.Call(t.Context(), client, method, params{})
		require.NoError(t, err)
		assert.Equal(t, "another", got.Result)
	}
}

// A CLIENT_ID may have any characters. PHP writes them in many ways.
func TestSecrets_everyFormOfAClientID(t *testing.T) {
	t.Parallel()
	const clientID = `Robot "A" & b/ü 7`
	for _, form := range []string{
		`Robot \"A\" & b/ü 7`, `Robot \"A\" & b\/\u00fc 7`, `Robot \u0022A\u0022 \u0026 b\/\u00FC 7`,
		`Robot+%22A%22+%26+b%2F%C3%BC+7`, `Robot%20%22A%22%20%26%20b%2f%c3%bc%207`, `Robot%20%22A%22%20&%20b/%C3%BC%207`,
		`Robot &quot;A&quot; &amp; b/ü 7`, `Robot &quot;A&quot; &amp; b/&uuml; 7`, `Robot &#34;A&#x22; &#038; b/&#252; 7`,
		`Robot \u0026quot;A\u0026quot; \u0026amp; b\/ü 7`, `robot \"a\" & B/ü 7`,
	} {
		for _, body := range []string{
			`{"error":"X","error_description":"the bot ` + form + ` is not there"}`,
			`{"error":"X","error_description":"_` + form + `_"}`,
			`{"error":{"code":"X","message":"m","validation":[{"field":"` + form + `","message":"` + form + `"}]}}`,
		} {
			client := clienttest.New(t, imbot.Webhook(secretURL), imbot.WithClientID(clientID), imbot.WithHTTPClient(&http.Client{Transport: clienttest.Answering(400, body)}))

			_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)

			var refused *imbot.APIError
			require.ErrorAs(t, err, &refused)
			text := fmt.Sprint(refused.Error(), refused.Details)
			assert.Contains(t, text, "***", body)
			assert.NotContains(t, text, "obot", body)
			assert.NotContains(t, text, "7", body)
		}
	}
}

// A short CLIENT_ID is a part of many words, which stay what they are.
func TestSecrets_codesStayReadable(t *testing.T) {
	t.Parallel()
	for clientID, body := range map[string]string{
		"my": `{"error":"MY_OWN_CODE"}`, "MY": `{"error":"MY_OWN_CODE"}`, "OWN": `{"error":"MY_OWN_CODE"}`, "MY_OWN": `{"error":"MY_OWN_CODE"}`,
	} {
		client := clienttest.New(t, imbot.Webhook(secretURL), imbot.WithClientID(clientID), imbot.WithHTTPClient(&http.Client{Transport: clienttest.Answering(400, body)}))
		_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)
		require.ErrorIs(t, err, imbot.Code("MY_OWN_CODE"), clientID)
	}
}

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

// Over HTTP/2 the path is a header field, which traces of httptrace are told; those of middleware and of the caller are
// recorded by somebody.
func TestSecrets_tracesSeeNone(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		assert.Equal(t, 2, req.ProtoMajor)
		_, _ = io.WriteString(w, `{"result":true}`)
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	var mu sync.Mutex
	var seen []string
	traced := func(ctx context.Context) context.Context {
		return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaderField: func(key string, values []string) {
			mu.Lock()
			defer mu.Unlock()
			seen = append(seen, key+"="+strings.Join(values, ","))
		}})
	}
	client := clienttest.New(t, imbot.Webhook(server.URL+"/rest/1/"+secretHook+"/"), imbot.WithHTTPClient(server.Client()),
		imbot.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
			return clienttest.RoundTrip(func(req *http.Request) (*http.Response, error) {
				return next.RoundTrip(req.WithContext(traced(req.Context())))
			})
		}))

	_, err := client.Chat.Leave(traced(t.Context()), clienttest.Leave13)

	require.NoError(t, err)
	assert.Contains(t, seen, ":method=POST")
	assertNoSecret(t, strings.Join(seen, "\n"), "httptrace")
}

// An early answer and a trailer may repeat the address too.
func TestSecrets_whatComesBeforeAndAfterAnAnswer(t *testing.T) {
	t.Parallel()
	for _, http2 := range []bool{false, true} {
		t.Run(fmt.Sprint("HTTP/2: ", http2), func(t *testing.T) {
			t.Parallel()
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				w.Header().Set("Link", req.URL.Path)
				w.WriteHeader(http.StatusEarlyHints)
				w.Header().Set("Trailer", "X-Told")
				_, _ = io.WriteString(w, `{"result":true}`)
				w.Header().Set("X-Told", req.URL.Path)
				w.Header().Set(http.TrailerPrefix+"X-Untold", req.URL.Path)
			}))
			server.EnableHTTP2 = http2
			server.StartTLS()
			defer server.Close()
			var early, late http.Header
			client := clienttest.New(t, imbot.Webhook(server.URL+"/rest/1/"+secretHook+"/"), imbot.WithHTTPClient(server.Client()),
				imbot.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
					return clienttest.RoundTrip(func(req *http.Request) (*http.Response, error) {
						ctx := httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
							Got1xxResponse: func(_ int, header textproto.MIMEHeader) error {
								early = http.Header(header)
								return nil
							},
						})
						resp, err := next.RoundTrip(req.WithContext(ctx))
						if err != nil {
							return nil, err
						}
						body, err := io.ReadAll(resp.Body)
						late = resp.Trailer
						resp.Body = io.NopCloser(bytes.NewReader(body))
						return resp, err
					})
				}))

			_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)

			require.NoError(t, err)
			const masked = "/rest/1/***/imbot.chat.leave"
			assert.Equal(t, masked, early.Get("Link"))
			assert.Equal(t, http.Header{"X-Told": {masked}, "X-Untold": {masked}}, late)
		})
	}
}
