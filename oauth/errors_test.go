package oauth_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/oauth"
)

// Every refusal that the OAuth server has been seen or documented to give, by its code, in either letter case, and with
// the status of a success too.
func TestError_codes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		status            int
		code, description string
		is                error
	}{
		{400, "invalid_request", `No "refresh_token" parameter found`, imbot.ErrInvalidRequest},
		{400, "invalid_client", "", imbot.ErrInvalidClient},
		{401, "invalid_client", "", imbot.ErrInvalidClient},
		{200, "wrong_client", "", imbot.ErrWrongClient},
		{400, "invalid_grant", "", imbot.ErrInvalidGrant},
		{400, "invalid_grant", "The provided authorization grant is invalid", imbot.ErrInvalidGrant},
		{403, "insufficient_scope", "", imbot.ErrInsufficientScope},
		{403, "invalid_scope", "Given scope exceeds permissions associated with given grant", imbot.ErrInvalidScope},
		{401, "PAYMENT_REQUIRED", "Payment required", imbot.ErrPaymentRequired},
		{401, "PAYMENT_REQUIRED", "Subscription has been ended", imbot.ErrPaymentRequired},
		{401, "NOT_INSTALLED", "Application not installed", imbot.Code("NOT_INSTALLED")},
		{401, "ERROR_OAUTH", "Application not installed", imbot.Code("ERROR_OAUTH")},
		{401, "NO_AUTH_FOUND", "Wrong authorization data", imbot.ErrNoAuthFound},
		{400, "bad_verification_code", "", imbot.ErrInvalidGrant},
		{403, "insufficient_scope", "", imbot.ErrInvalidScope},
		{401, "NOT_INSTALLED", "", imbot.ErrApplicationNotFound},
		{401, "ERROR_OAUTH", "", imbot.ErrApplicationNotFound},
		{400, "NEW_CODE", "", imbot.Code("NEW_CODE")},
	}
	for _, tt := range tests {
		for _, code := range []string{tt.code, strings.ToUpper(tt.code), strings.ToLower(tt.code)} {
			for _, status := range []int{tt.status, 200} {
				t.Run(code, func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						p := imbottest.NewPortal(t)
						p.FaultTokens(imbottest.RefuseTokens(status, code, tt.description))
						token := expired(p)
						store := oauth.NewMemoryStore(token)

						err := callBots(t.Context(), p.OAuthClient(appOf(p).Source(store), imbot.WithRetry(imbot.RetryPolicy{})))

						require.ErrorIs(t, err, tt.is)
						require.ErrorIs(t, err, imbot.Code(tt.code), "what the server said is not lost")
						require.ErrorIs(t, err, imbot.ErrExpiredToken, "the portal's refusal is in the chain too")
						require.NotErrorIs(t, err, imbot.ErrOutcomeUnknown)
						var refused *oauth.Error
						require.ErrorAs(t, err, &refused)
						assert.Equal(t, oauth.Error{StatusCode: status, Code: imbot.Code(code), Description: tt.description}, *refused)
						assert.Equal(t, token, load(t, store))
						assert.Len(t, p.TokenCalls(), 1)
					})
				})
			}
		}
	}
}

func TestError_text(t *testing.T) {
	t.Parallel()
	tests := []struct {
		err  oauth.Error
		want string
	}{
		{oauth.Error{StatusCode: 400, Code: "invalid_grant"}, "oauth: invalid_grant (HTTP 400)"},
		{oauth.Error{StatusCode: 401, Code: "PAYMENT_REQUIRED", Description: "Payment required"}, "oauth: PAYMENT_REQUIRED: Payment required (HTTP 401)"},
		{oauth.Error{StatusCode: 502, Description: "the answer is empty"}, "oauth: the answer is empty (HTTP 502)"},
		{oauth.Error{StatusCode: 400}, "oauth (HTTP 400)"},
		{
			oauth.Error{StatusCode: 400, Code: "invalid\n_grant", Description: "No.\r\n2026/11/01 fatal:\tall is lost\x1b[2J"},
			"oauth: invalid _grant: No. 2026/11/01 fatal: all is lost [2J (HTTP 400)",
		},
	}
	for _, tt := range tests {
		assert.EqualError(t, &tt.err, tt.want)
	}
	var out bytes.Buffer
	slog.New(slog.NewTextHandler(&out, nil)).Error("m", "err", &tests[1].err)
	assert.Contains(t, out.String(), `err.status=401 err.code=PAYMENT_REQUIRED err.description="Payment required"`)
	require.ErrorIs(t, new(oauth.Error), imbot.Code(""), "an empty code is a code")
	require.EqualError(t, new(oauth.NotSavedError), oauth.ErrNotSaved.Error())
	assert.Equal(t, oauth.Token{}, new(oauth.NotSavedError).Token())
}

// What a server says is kept in part, however long it is, and a secret in it is masked before it is cut.
func TestError_bounds(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("я", 200<<10)
	ask := func(body string) (*oauth.Error, error) {
		_, err := appOn(&network{answer: says(400, "application/json", body)}).Exchange(t.Context(), "EXAMPLE_CODE")
		refused, _ := errors.AsType[*oauth.Error](err)
		return refused, err
	}
	for name, body := range map[string]string{
		"code":        `{"error":"` + long + `","error_description":"x"}`,
		"description": `{"error":"x","error_description":"` + long + `"}`,
		"object":      `{"error":{"code":"` + long + `","message":"y"}}`,
		"secret":      `{"error":"x","error_description":"` + strings.Repeat("x", 2<<10-10) + `EXAMPLE_SECRET"}`,
	} {
		refused, err := ask(body)
		require.NotNil(t, refused, name)
		assert.LessOrEqual(t, len(refused.Code), 200, name)
		assert.LessOrEqual(t, len(refused.Description), 2<<10, name)
		assert.True(t, utf8.ValidString(string(refused.Code)+refused.Description), name)
		assert.NotContains(t, err.Error(), "EXAMPLE", name)
	}
	exact := strings.Repeat("x", 2<<10)
	refused, _ := ask(`{"error":"` + exact[:200] + `","error_description":"` + exact + `"}`)
	require.NotNil(t, refused)
	assert.Len(t, refused.Code, 200)
	assert.Equal(t, exact, refused.Description, "what is short enough is whole")

	malformed := fails(func(*http.Request) error { return errors.New("malformed HTTP response \n" + long) })
	_, err := appOn(&network{answer: malformed}).Exchange(t.Context(), "EXAMPLE_CODE")
	require.ErrorIs(t, err, imbot.ErrOutcomeUnknown)
	assert.Less(t, len(err.Error()), 3<<10)
	assert.NotContains(t, err.Error(), "\n")
}

// An error of the server may have any form that those of the portal have.
func TestError_forms(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]oauth.Error{
		`{"error":100,"error_description":"x"}`:                         {StatusCode: 400, Code: "100", Description: "x"},
		`{"error":"","error_description":"x"}`:                          {StatusCode: 400, Description: "x"},
		`{"error":"x","error_description":null}`:                        {StatusCode: 400, Code: "x"},
		`{"error":{"code":"x","message":"y"}}`:                          {StatusCode: 400, Code: "x", Description: "y"},
		"\xef\xbb\xbf {\"error\":\"invalid_grant\"}\n":                  {StatusCode: 400, Code: "invalid_grant"},
		`{"error":"EXAMPLE_SECRET","error_description":"EXAMPLE_CODE"}`: {StatusCode: 400, Code: "***", Description: "***"},
	} {
		_, err := appOn(&network{answer: says(400, "application/json", body)}).Exchange(t.Context(), "EXAMPLE_CODE")
		var refused *oauth.Error
		require.ErrorAs(t, err, &refused, body)
		assert.Equal(t, want, *refused, body)
	}

	// An answer that contradicts itself: the old pair may be used up.
	both := says(200, "application/json", `{"error":"deprecated","access_token":"a","refresh_token":"b"}`)
	_, err := appOn(&network{answer: both}).Exchange(t.Context(), "EXAMPLE_CODE")
	require.ErrorIs(t, err, imbot.ErrOutcomeUnknown)
}

// conformanceCase is a recorded answer of the OAuth server, with what a correct client makes of it.
type conformanceCase struct {
	Name    string `json:"name"`
	Group   string `json:"group"`
	Request struct {
		Params map[string]string `json:"params"`
	} `json:"request"`
	Response struct {
		Status  int               `json:"status"`
		Headers map[string]string `json:"headers"`
		Body    json.RawMessage   `json:"body"`
		BodyRaw *string           `json:"body_raw"`
	} `json:"response"`
	Want struct {
		Kind  string     `json:"kind"`
		Code  imbot.Code `json:"code"`
		Retry string     `json:"retry"`
	} `json:"want"`
}

func TestConformance(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../testdata/conformance/*.json")
	require.NoError(t, err)
	tested := 0
	for _, file := range files {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		var group struct {
			Group string `json:"group"`
		}
		require.NoError(t, json.Unmarshal(content, &group))
		if !strings.HasPrefix(group.Group, "4 ") {
			continue
		}
		tested++
		var c conformanceCase
		require.NoError(t, json.Unmarshal(content, &c))
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { playCase(t, c) })
		})
	}
	assert.Equal(t, 6, tested)
}

func playCase(t *testing.T, c conformanceCase) {
	t.Helper()
	body := string(c.Response.Body)
	if c.Response.BodyRaw != nil {
		body = *c.Response.BodyRaw
	}
	n := &network{answer: says(c.Response.Status, c.Response.Headers["Content-Type"], body)}
	app := oauth.App{
		ID: c.Request.Params["client_id"], Secret: c.Request.Params["client_secret"],
		TokenURL: "https://oauth.example/oauth/token/", HTTPClient: appOn(n).HTTPClient,
	}
	token := oauth.Token{AccessToken: "EXAMPLE_ACCESS_1", RefreshToken: c.Request.Params["refresh_token"]}
	store := oauth.NewMemoryStore(token)

	access, err := app.Source(store).Refresh(t.Context(), "EXAMPLE_ACCESS_1")

	require.Len(t, n.forms, 1)
	for name, value := range c.Request.Params {
		assert.Equal(t, []string{value}, n.forms[0][name])
	}
	assert.Len(t, n.forms[0], len(c.Request.Params))
	if c.Want.Kind == "success" {
		require.NoError(t, err)
		saved := load(t, store)
		assert.Equal(t, access, saved.AccessToken)
		assert.Equal(t, "EXAMPLE_REFRESH_2", saved.RefreshToken)
		assert.Equal(t, "https://portal.example/rest/", saved.ClientEndpoint)
		return
	}
	var refused *oauth.Error
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, c.Want.Code, refused.Code)
	assert.Equal(t, c.Response.Status, refused.StatusCode)
	assert.Equal(t, c.Want.Retry == "delay", errors.Is(err, imbot.ErrOutcomeUnknown))
	assert.Equal(t, c.Want.Code == imbot.ErrInvalidGrant, errors.Is(err, imbot.ErrInvalidGrant))
	assert.Equal(t, token, load(t, store))
}

// An empty refresh token is not sent.
func TestConformance_missingParameter(t *testing.T) {
	t.Parallel()
	n := &network{}
	_, err := appOn(n).Source(oauth.NewMemoryStore(oauth.Token{AccessToken: "EXAMPLE_ACCESS_1"})).Refresh(t.Context(), "EXAMPLE_ACCESS_1")
	require.ErrorIs(t, err, imbot.ErrInvalidRequest)
	var mistake *imbot.ParamError
	require.ErrorAs(t, err, &mistake)
	assert.Equal(t, "refresh_token", mistake.Param)
	assert.Zero(t, n.requests())
}
