package oauth_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/secrettest"
	"github.com/seed-a6e4e5a4/imbot/oauth"
)

// The secrets of an application. Each is long enough to be found by chance nowhere.
const (
	secretApp     = "EXAMPLEappSECRET7c1f"
	secretAccess  = "EXAMPLEaccessSECRET93ab"
	secretRefresh = "EXAMPLErefreshSECRET55de"
	secretCode    = "EXAMPLEcodeSECRET2b08"
	secretNext    = "EXAMPLEnextSECRET6ee4"
	secretSpare   = "EXAMPLEspareSECRET1d97"
)

var secrets = secrettest.Secrets{secretApp, secretAccess, secretRefresh, secretCode, secretNext, secretSpare}

var secretToken = oauth.Token{AccessToken: secretAccess, RefreshToken: secretRefresh, MemberID: "m"}

// Every exported type has a row. What the row makes is given every secret that the type can hold.
func exportedValues(t testing.TB) map[string][]any {
	t.Helper()
	app := oauth.App{ID: "app.example", Secret: secretApp, TokenURL: "https://" + secretSpare + "@oauth.example/" + secretSpare + "?" + secretSpare}
	nonsense := oauth.App{Secret: secretApp, TokenURL: secretSpare + "\n"}
	memory := oauth.NewMemoryStore(secretToken)
	file := oauth.NewFileStore(filepath.Join(t.TempDir(), "token.json"))
	put(t, file, secretToken)
	source := oauth.App{ID: "app.example", Secret: secretApp}.Source(memory).(*oauth.Source)
	return map[string][]any{
		"App":              {app, &app, nonsense, oauth.App{}},
		"Token":            {secretToken, &secretToken, oauth.Token{}, (*oauth.Token)(nil)},
		"Store":            {oauth.Store(memory), oauth.Store(file)},
		"MemoryStore":      {memory},
		"FileStore":        {file, *file},
		"Source":           {source, *source, oauth.Source{}},
		"Error":            {&oauth.Error{StatusCode: 400, Code: imbot.ErrInvalidGrant}, oauth.Error{}},
		"NotSavedError":    {unsaved(t), new(oauth.NotSavedError)},
		"Info":             {oauth.Info{ClientID: "app.example", MemberID: "m"}},
		"Renewal":          {oauth.Renewal{Outcome: oauth.RenewalNotSaved, Err: unsaved(t)}},
		"RenewalOutcome":   {oauth.Renewed},
		"ExposedFileError": {&oauth.ExposedFileError{Path: "x", Mode: 0o644}},
	}
}

// unsaved returns the error of a save that failed, with a text that has all the store knew.
func unsaved(t testing.TB) error {
	t.Helper()
	n := &network{answer: says(200, "application/json", `{"access_token":"`+secretNext+`","refresh_token":"`+secretSpare+`"}`)}
	store := &hooked{Store: oauth.NewMemoryStore(secretToken), save: func(next oauth.Token) error {
		return errors.New("INSERT " + next.AccessToken + " " + next.RefreshToken + " OVER " + secretAccess + " " + secretRefresh)
	}}
	app := oauth.App{ID: "app.example", Secret: secretApp, HTTPClient: &http.Client{Transport: n}}
	_, err := app.Source(store).Refresh(t.Context(), secretAccess)
	require.ErrorIs(t, err, oauth.ErrNotSaved)
	var notSaved *oauth.NotSavedError
	require.ErrorAs(t, err, &notSaved)
	assert.Equal(t, secretSpare, notSaved.Token().RefreshToken)
	return notSaved
}

func TestSecrets_everyExportedTypeHasARow(t *testing.T) {
	t.Parallel()
	assert.ElementsMatch(t, secrettest.ExportedTypes(t, "."), slices.Collect(maps.Keys(exportedValues(t))))
}

func TestSecrets_noValueShowsOne(t *testing.T) {
	t.Parallel()
	for name, values := range exportedValues(t) {
		for _, value := range values {
			secrets.NotPrinted(t, value, name)
			if name == "Token" || name == "App" {
				continue // their fields are texts like others: only their own methods guard them
			}
			secrets.NotEncoded(t, value, name)
			secrets.NotReached(t, value, name)
		}
	}
	encoded, err := json.Marshal(oauth.App{ID: "app.example", Secret: secretApp})
	require.NoError(t, err)
	assert.JSONEq(t, `{"ID":"app.example","TokenURL":""}`, string(encoded))
}

// A client over a source has the secrets in closures, all the way down.
func TestSecrets_clientOverASource(t *testing.T) {
	t.Parallel()
	source := oauth.App{ID: "app.example", Secret: secretApp}.Source(oauth.NewMemoryStore(secretToken))
	client, err := imbot.NewClient(imbot.OAuth("https://portal.example/rest/", source))
	require.NoError(t, err)
	secrets.NotPrinted(t, client, "client")
	secrets.NotReached(t, client, "client")
}

// quoting is a transport's error that repeats the whole request, and holds it too.
type quoting struct {
	request *http.Request
	body    string
}

func (e quoting) Error() string {
	return fmt.Sprintf("POST %s failed (%s)", e.body, url.QueryEscape(e.body))
}

func (quoting) Timeout() bool   { return true }
func (quoting) Temporary() bool { return false }

// failures are ways in which a request can fail, each repeating the secrets that the request carried.
func failures(secrets ...string) map[string]reply {
	echo := strings.Join(secrets, " ")
	return map[string]reply{
		"refusal":        says(400, "application/json", `{"error":"invalid_grant","error_description":"`+echo+`"}`),
		"code":           says(200, "application/json", `{"error":"`+secrets[1]+`"}`),
		"page":           says(502, "text/html", "<html>"+echo),
		"page as a form": says(200, "text/plain", "error="+url.QueryEscape(echo)),
		"type":           says(200, "text/"+secrets[1], echo),
		"half":           says(200, "application/json", `{"access_token":"`+secrets[1]),
		"redirect":       fixed{status: 302, location: "https://other.example/?" + secrets[1], body: strings.NewReader(echo)},
		"bad redirect":   fixed{status: 302, location: "http://%zz/" + secrets[1], body: strings.NewReader(echo)},
		"body":           fixed{status: 200, body: failingBody{quoting{nil, echo}}},
		"transport":      fails(func(req *http.Request) error { return quoting{req, echo} }),
		"dial": fails(func(req *http.Request) error {
			return &net.OpError{Op: "dial", Net: "tcp", Err: quoting{req, echo}}
		}),
	}
}

type failingBody struct{ err error }

func (b failingBody) Read([]byte) (int, error) { return 0, b.err }

func TestSecrets_noErrorShowsOne(t *testing.T) {
	t.Parallel()
	operations := map[string]struct {
		secrets []string
		do      func(context.Context, oauth.App) error
	}{
		"exchange": {[]string{secretApp, secretCode}, func(ctx context.Context, app oauth.App) error {
			_, err := app.Exchange(ctx, secretCode)
			return err
		}},
		"refresh": {[]string{secretApp, secretRefresh, secretAccess}, func(ctx context.Context, app oauth.App) error {
			_, err := app.Source(oauth.NewMemoryStore(secretToken)).Refresh(ctx, secretAccess)
			return err
		}},
	}
	for what, operation := range operations {
		for name, answer := range failures(operation.secrets...) {
			t.Run(what+"/"+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					client := &http.Client{Transport: &network{answer: answer}}
					err := operation.do(t.Context(), oauth.App{ID: "app.example", Secret: secretApp, HTTPClient: client})
					require.Error(t, err)
					secrets.NotPrinted(t, err, "error")
					secrets.NotPrinted(t, fmt.Errorf("wrapped: %w", err), "wrapped error")
					var timeout net.Error
					if name == "transport" {
						require.ErrorAs(t, err, &timeout, "a timeout stays visible")
						assert.True(t, timeout.Timeout())
					}
				})
			})
		}
	}
}
