package acceptance_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

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
				opts := append(clienttest.WithoutRepeats(), clienttest.Over(transport))
				request := imbot.ChatLeaveRequest{ChatID: 13, BotID: 39, ClientID: secretClientID}
				if clientID == "of the client" {
					opts, request.ClientID = append(opts, imbot.WithClientID(secretClientID)), ""
				}

				_, err := clienttest.New(t, auth.Auth, opts...).Chat.Leave(t.Context(), request)

				require.Error(t, err, where)
				secrets.NotInError(t, err, where)
			}
		}
	}
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
			client := clienttest.New(t, imbot.Webhook(secretURL), clienttest.Over(echo))

			_, err := imbot.Call(t.Context(), client, imbot.Method[any, bool]{Name: "x.y"}, request)

			require.ErrorIs(t, err, imbot.Code("X"))
			secrets.NotPrinted(t, err, name)
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
			client := clienttest.New(t, auth.Auth, clienttest.Over(clienttest.Answering(http.StatusOK,
				`{"result":{"result":[],"result_error":{"c0":{"error":"X","error_description":"`+echo+`"},"c1":"`+echo+`"}}}`)))
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
				secrets.NotPrinted(t, err, kind)
			}
		})
	}
}

// A refusal may repeat what it refuses. The secrets of all commands are kept out of it.
func TestBatch_secretsInRefusals(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	portal.On("imbot.chat.leave", imbottest.Refuse(400, "WRONG_REQUEST", "not "+secretClientID+", not the other"))
	batch := portal.Client().NewBatch()
	imbot.Queue(batch, imbot.MethodChatLeave, imbot.ChatLeaveRequest{ChatID: 13, ClientID: secretClientID})
	other := imbot.Queue(batch, imbot.MethodChatLeave, imbot.ChatLeaveRequest{ChatID: 13, ClientID: "another"})
	require.NoError(t, batch.Do(t.Context()))
	_, err := other.Result()
	require.ErrorIs(t, err, imbot.ErrNotInChat)
	secrets.NotPrinted(t, err, "refusal")
}

func TestTokenSource_errorShowsNoClientID(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	client := portal.OAuthClient(clienttest.TokenFunc(func(context.Context) (string, error) {
		return "", errors.New("no token for " + secretClientID)
	}), imbot.WithClientID(secretClientID))

	_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)

	require.Error(t, err)
	secrets.NotPrinted(t, err, "TokenSource")
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
			client := clienttest.New(t, imbot.Webhook(secretURL), imbot.WithClientID(clientID), clienttest.Over(clienttest.Answering(400, body)))

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

// A short CLIENT_ID may be a part of a code, which stays as it is.
func TestSecrets_codesStayReadable(t *testing.T) {
	t.Parallel()
	for clientID, body := range map[string]string{
		"my": `{"error":"MY_OWN_CODE"}`, "MY": `{"error":"MY_OWN_CODE"}`, "OWN": `{"error":"MY_OWN_CODE"}`, "MY_OWN": `{"error":"MY_OWN_CODE"}`,
	} {
		client := clienttest.New(t, imbot.Webhook(secretURL), imbot.WithClientID(clientID), clienttest.Over(clienttest.Answering(400, body)))
		_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)
		require.ErrorIs(t, err, imbot.Code("MY_OWN_CODE"), clientID)
	}
}
