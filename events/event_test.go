package events_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/oauth"
)

func TestEvent_Verify(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		sent, stored string
		want         bool
	}{
		"the same":       {"EXAMPLE_A", "EXAMPLE_A", true},
		"another":        {"EXAMPLE_A", "EXAMPLE_B", false},
		"a beginning":    {"EXAMPLE", "EXAMPLE_A", false},
		"another case":   {"example_a", "EXAMPLE_A", false},
		"nothing sent":   {"", "EXAMPLE_A", false},
		"nothing stored": {"EXAMPLE_A", "", false},
		"nothing at all": {"", "", false},

		"a botToken":                 {"customEXAMPLE_BOT_TOKEN", "EXAMPLE_BOT_TOKEN", true},
		"a botToken, stored as sent": {"customEXAMPLE_BOT_TOKEN", "customEXAMPLE_BOT_TOKEN", true},
		"a botToken, bare":           {"EXAMPLE_BOT_TOKEN", "customEXAMPLE_BOT_TOKEN", false},
		"another botToken":           {"customEXAMPLE_BOT_TOKEN", "EXAMPLE_BOT_TOKEM", false},
		"a long botToken":            {"custom" + strings.Repeat("x", 44), strings.Repeat("x", 64), true},
		"a long botToken, not cut":   {"custom" + strings.Repeat("x", 64), strings.Repeat("x", 64), false},
		"the word alone":             {"custom", "", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			event := &events.Event{ApplicationToken: tt.sent}
			assert.Equal(t, tt.want, event.Verify(tt.stored))
		})
	}
}

// A comparison by == would take the longer the more of a guess is right. The only one that is allowed asks whether
// there is a token at all.
func TestEvent_Verify_nobodyElseCompares(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	compared := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		ast.Inspect(parsed, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BinaryExpr:
				if n.Op != token.EQL && n.Op != token.NEQ {
					return true
				}
				literal, ok := n.Y.(*ast.BasicLit)
				empty := ok && literal.Value == `""`
				assert.False(t, mentionsToken(n.X) && !empty || mentionsToken(n.Y), "%s compares the application token", file)
			case *ast.SwitchStmt:
				assert.False(t, n.Tag != nil && mentionsToken(n.Tag), "%s switches over the application token", file)
			case *ast.SelectorExpr:
				if n.Sel.Name == "ConstantTimeCompare" {
					compared++
				}
			}
			return true
		})
	}
	assert.Equal(t, 1, compared)
}

func mentionsToken(n ast.Node) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && (id.Name == "ApplicationToken" || id.Name == "stored") {
			found = true
		}
		return !found
	})
	return found
}

func TestEvent_LeaveRequest(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		chat imbot.ChatID
		bot  events.Bot
		want imbot.ChatLeaveRequest
		ok   bool
	}{
		"application":  {13, events.Bot{ID: 39, Token: oauth.Token{AccessToken: "EXAMPLE"}}, imbot.ChatLeaveRequest{ChatID: 13, BotID: 39}, true},
		"webhook":      {13, events.Bot{ID: 39, ClientID: "EXAMPLE"}, imbot.ChatLeaveRequest{ChatID: 13, BotID: 39, ClientID: "EXAMPLE"}, true},
		"private chat": {0, events.Bot{ID: 39}, imbot.ChatLeaveRequest{}, false},
		"no bot":       {13, events.Bot{}, imbot.ChatLeaveRequest{}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, ok := (&events.Event{ChatID: tt.chat}).LeaveRequest(tt.bot)
			assert.Equal(t, tt.ok, ok)
			assert.Equal(t, tt.want, got)
		})
	}
}

func TestBot_Client(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	var at string
	base := portal.Client(imbot.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
		return roundTrip(func(req *http.Request) (*http.Response, error) {
			at = req.URL.String()
			return next.RoundTrip(req)
		})
	}))
	bot := events.Bot{ID: imbottest.BotOfApp, Token: oauth.Token{AccessToken: imbottest.TokenOK, ClientEndpoint: "https://thief.example/rest/"}}

	client, err := bot.Client(base, portal.Endpoint())
	require.NoError(t, err)
	_, err = client.Chat.Leave(t.Context(), imbot.ChatLeaveRequest{ChatID: imbottest.ChatGroup, BotID: bot.ID})
	require.NoError(t, err, "the token is the bot's")
	assert.Equal(t, "https://portal.example/rest/imbot.chat.leave", at, "neither the host of the event nor other options")
	assert.Equal(t, imbottest.AuthOAuth, portal.Calls()[0].Auth)

	_, err = bot.Client(base, "http://portal.example/rest/")
	var mistake *imbot.ParamError
	require.ErrorAs(t, err, &mistake)

	_, err = events.Bot{ID: 39, ClientID: "EXAMPLE"}.Client(base, portal.Endpoint())
	require.ErrorIs(t, err, events.ErrNoToken)
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }
