package redact_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/internal/redact"
)

func set(secrets ...string) redact.Set {
	var s redact.Set
	for _, secret := range secrets {
		s = append(s, redact.NewSecret(secret))
	}
	return s
}

func TestText(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in, want string
		secrets        []string
	}{
		{"nothing to hide", "a b", "a b", nil},
		{"an empty secret", "a b", "a b", []string{""}},
		{"a long one anywhere", "xEXAMPLE_Ax EXAMPLE_A", "x***x ***", []string{"EXAMPLE_A"}},
		{"several", "EXAMPLE_A/EXAMPLE_B", "***/***", []string{"EXAMPLE_A", "EXAMPLE_B"}},
		{"escaped", "q=EXAMPLE%2FA", "q=***", []string{"EXAMPLE/A"}},
		{"a short one as a word", "my, (my) my", "***, (***) ***", []string{"my"}},
		{"a short one inside a word", "tommy mystery mymy äMyä myä", "tommy mystery mymy äMyä myä", []string{"my"}},
		{"one that another begins with", "EXAMPLE_AB EXAMPLE_A", "*** ***", []string{"EXAMPLE_A", "EXAMPLE_AB"}},
		{"escaped as in JSON", `{"x":"EXAMPLE\"A\u003c"}`, `{"x":"***"}`, []string{`EXAMPLE"A<`}},
		{"a short one beside another", "my/my", "***/***", []string{"my"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, tt.want, set(tt.secrets...).Text(tt.in))
		})
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	secrets := set("ACCESS", "EXAMPLE_A")
	assert.Equal(t, "ACCESS_ERROR *** NO_ACCESS", secrets.Words("ACCESS_ERROR ACCESS NO_ACCESS"))
	assert.Equal(t, "x ***!", secrets.Words("x EXAMPLE_A!"))
}

type netError struct{ text string }

func (e netError) Error() string { return e.text }
func (netError) Timeout() bool   { return true }
func (netError) Temporary() bool { return true }

func TestError(t *testing.T) {
	t.Parallel()
	secrets := set("EXAMPLE_A")

	require.NoError(t, secrets.Error(nil))
	clean := netError{"clean"}
	assert.Equal(t, clean, secrets.Error(clean), "a clean error stays itself")

	inner := netError{"dialing EXAMPLE_A"}
	masked := secrets.Error(errors.Join(inner, io.ErrUnexpectedEOF, context.Canceled))
	assert.NotContains(t, fmt.Sprintf("%v %+v %#v %s %q", masked, masked, masked, masked, masked), "EXAMPLE_A")
	require.ErrorIs(t, masked, io.ErrUnexpectedEOF)
	require.ErrorIs(t, masked, context.Canceled)
	require.NotErrorIs(t, masked, io.EOF)
	var netErr net.Error
	require.ErrorAs(t, masked, &netErr)
	assert.True(t, netErr.Timeout())
	var hidden netError
	assert.NotErrorAs(t, masked, &hidden, "nobody looks inside")
	assert.NoError(t, errors.Unwrap(masked))
}

func TestSecret_isOutOfReach(t *testing.T) {
	t.Parallel()
	secret := redact.NewSecret("EXAMPLE_A")
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		assert.NotContains(t, fmt.Sprintf(verb, struct{ s redact.Secret }{secret}), "EXAMPLE_A")
	}
	assert.Equal(t, "EXAMPLE_A", secret.Reveal())
	assert.True(t, redact.NewSecret("").IsZero())
	assert.Empty(t, redact.Secret{}.Reveal())
}

type request struct {
	Chat     int    `json:"CHAT_ID"`
	Title    string `json:"TITLE,omitempty"`
	ClientID string `json:"CLIENT_ID,omitempty"`
	BotToken string `json:"botToken"`
	hidden   string
}

func (r request) Format(f fmt.State, _ rune) { redact.Format(f, r) }
func (r request) LogValue() slog.Value       { return redact.LogValue(r) }

func TestInJSON(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, want string }{
		{"at the top", `{"client_id":"EXAMPLE_A","TITLE":"EXAMPLE_B","Bot_Token":"EXAMPLE_C"}`, "*** EXAMPLE_B ***"},
		{"of OAuth", `{"access_token":"EXAMPLE_A","refresh_token":"EXAMPLE_B","client_secret":"EXAMPLE_C"}`, "*** *** ***"},
		{"of an event", `{"application_token":"EXAMPLE_A"}`, "*** EXAMPLE_B EXAMPLE_C"},
		{"inside of others", `{"auth":{"access_token":"EXAMPLE_A","domain":"EXAMPLE_B"},"x":[[{"auth":"EXAMPLE_C"}]]}`, "*** EXAMPLE_B ***"},
		{"a list of them", `{"CLIENT_ID":["EXAMPLE_A","EXAMPLE_B"]}`, "*** *** EXAMPLE_C"},
		{"escaped", `{"\u0043LIENT_ID":"EXAMPLE\u005fA"}`, "*** EXAMPLE_B EXAMPLE_C"},
		{"no texts", `{"CLIENT_ID":7,"auth":null,"client_id":""}`, "EXAMPLE_A EXAMPLE_B EXAMPLE_C"},
		{"no object", `"EXAMPLE_A"`, "EXAMPLE_A EXAMPLE_B EXAMPLE_C"},
		{"with spaces", "{ \"CLIENT_ID\" : \"EXAMPLE_A\" ,\n\t\"auth\"\r\n:\t\"EXAMPLE_B\" }", "*** *** EXAMPLE_C"},
		{"a text like a name", `{"TITLE":"CLIENT_ID","x":["auth","EXAMPLE_A"],"auth":"EXAMPLE_B"}`, "EXAMPLE_A *** EXAMPLE_C"},
		{"a name like others", `{"CLIENT_ID_":"EXAMPLE_A","_auth":"EXAMPLE_B","a_name_longer_than_each_of_them":"EXAMPLE_C"}`, "EXAMPLE_A EXAMPLE_B EXAMPLE_C"},
		{"not the first", `{"CHAT_ID":13,"BOT_ID":39,"CLIENT_ID":"EXAMPLE_A","x":"EXAMPLE_B"}`, "*** EXAMPLE_B EXAMPLE_C"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, tt.want, redact.InJSON([]byte(tt.in)).Text("EXAMPLE_A EXAMPLE_B EXAMPLE_C"))
			if object, ok := strings.CutPrefix(tt.in, "{"); ok {
				escaped := `{"\n":"\"",` + object // which takes the long way
				assert.Equal(t, tt.want, redact.InJSON([]byte(escaped)).Text("EXAMPLE_A EXAMPLE_B EXAMPLE_C"), escaped)
			}
		})
	}
}

func TestFormat(t *testing.T) {
	t.Parallel()
	r := request{Chat: 13, Title: "a b", ClientID: "EXAMPLE_A", BotToken: "EXAMPLE_B", hidden: "x"}

	assert.Equal(t, `redact_test.request{Chat:13 Title:"a b" ClientID:*** BotToken:***}`, fmt.Sprintf("%s", r))
	assert.Equal(t, `redact_test.request{Chat:13 Title:"" ClientID:"" BotToken:""}`, fmt.Sprint(request{Chat: 13}))
	var out strings.Builder
	slog.New(slog.NewTextHandler(&out, nil)).Info("m", "r", r)
	assert.Contains(t, out.String(), `r.Chat=13 r.Title="a b" r.ClientID=*** r.BotToken=***`)
	assert.NotContains(t, out.String(), "EXAMPLE")
}
