package redact_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"
	"testing/iotest"

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

// Whatever PHP and what stands before it make of a secret when they write it is masked, beside whatever it stands.
func TestText_forms(t *testing.T) {
	t.Parallel()
	const secret = `My bot/1 <"ä€😀'&\=+%`
	forms := map[string]string{
		"plain":                     secret,
		"in capitals":               `MY BOT/1 <"ä€😀'&\=+%`,
		"JSON of PHP":               `My bot\/1 <\"\u00e4\u20ac\ud83d\ude00'&\\=+%`,
		"JSON, capitals":            `My bot\/1 <\"\u00E4\u20AC\uD83D\uDE00'&\\=+%`,
		"JSON with HEX options":     `My bot\/1 \u003C\u0022ä€😀\u0027\u0026\\=+%`,
		"JSON, every character":     `\u004d\u0079\u0020\u0062\u006f\u0074\u002f\u0031\u0020\u003c\u0022\u00e4\u20ac\ud83d\ude00\u0027\u0026\u005c\u003d\u002b\u0025`,
		"JSON within JSON":          `My bot\\\/1 <\\\"\\u00e4\\u20ac\\ud83d\\ude00'&\\\\=+%`,
		"urlencode":                 `My+bot%2F1+%3C%22%C3%A4%E2%82%AC%F0%9F%98%80%27%26%5C%3D%2B%25`,
		"rawurlencode":              `My%20bot%2F1%20%3C%22%C3%A4%E2%82%AC%F0%9F%98%80%27%26%5C%3D%2B%25`,
		"lower-case hex":            `My%20bot%2f1%20%3c%22%c3%a4%e2%82%ac%f0%9f%98%80%27%26%5c%3d%2b%25`,
		"as little as a path needs": `My%20bot/1%20%3C%22%C3%A4%E2%82%AC%F0%9F%98%80'&%5C=+%25`,
		"htmlspecialchars":          `My bot/1 &lt;&quot;ä€😀&#039;&amp;\=+%`,
		"htmlspecialchars, HTML5":   `My bot/1 &lt;&quot;ä€😀&apos;&amp;\=+%`,
		"htmlentities":              `My bot/1 &lt;&quot;&auml;&euro;😀&#039;&amp;\=+%`,
		"entities by number":        `My bot/1 &#60;&#34;&#228;&#x20AC;&#128512;&#x27;&#38;\=+%`,
		"HTML within HTML":          `My bot/1 &amp;lt;&amp;quot;ä€😀&amp;#039;&amp;amp;\=+%`,
		"HTML within JSON with HEX": `My bot\/1 \u0026lt;\u0026quot;ä€😀\u0026#039;\u0026amp;\\=+%`,
		"a mixture":                 `My+bot/1%20&lt;"\u00e4%e2%82%ac😀'&amp;\=%2b%`,
	}
	for name, form := range forms {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, around := range []string{"", " ", "x", "_", "0", `"`, "%", "&", "*", "é"} {
				assert.Equal(t, around+redact.Mask+around, set("other", secret, "another").Text(around+form+around))
			}
			assert.Equal(t, form[1:], set(secret).Text(form[1:]), "nearly the same")
		})
	}
	assert.Equal(t, "/rest/1/***/x", set("EXAMPLE%2F&amp;").Text("/rest/1/EXAMPLE%2F&amp;/x"), "a secret that looks escaped")
}

func TestCode(t *testing.T) {
	t.Parallel()
	secrets := set("ACCESS", "EXAMPLE_A")
	assert.Equal(t, "ACCESS_ERROR *** NO_ACCESS", secrets.Code("ACCESS_ERROR ACCESS NO_ACCESS"))
	assert.Equal(t, "x ***!", secrets.Code("x EXAMPLE_A!"))
	assert.Equal(t, "NO_***_9***", secrets.Code("NO_EXAMPLE_A_9EXAMPLE_A"))
	assert.Equal(t, "example_a", secrets.Code("example_a"), "codes are decided by, as they are")

	long := strings.Repeat("A", redact.MaxCode)
	assert.Equal(t, long, secrets.Code(long))
	assert.Equal(t, long[:len(long)-len(redact.Cut)]+redact.Cut, secrets.Code(long+"A"))
}

// A text is cut between characters, and a secret across the cut is masked before.
func TestBounded(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, want string }{
		{"123456789", "123456789"},
		{"1234567890", "1234567890"},
		{"12345678901", "1234567…"},
		{"123456éééé", "123456…"},
		{"1234😀5678", "1234…"},
		{"1234567\xff\xff\xff\xff", "1234567…"},
		{"123EXAMPLE_A890", "123***890"},
		{"12345EXAMPLE_A789", "12345**…"},
		{"123456EXAMPLE_A", "123456***"},
		{"1234567EXAMPLE_A", "1234567***"},
		{"12345678EXAMPLE_A", "1234567…"},
		{"1234567EXAMPLE%5fA", "1234567***"},
		{strings.Repeat("EXAMPLE_A", 5), "*******…"},
	}
	for _, tt := range tests {
		assert.Equal(t, tt.want, set("EXAMPLE_A").Bounded(tt.in, 10), tt.in)
	}
	assert.Equal(t, "12…", set().Bounded("123456", 5))
	slashes := strings.Repeat(`\`, 1<<20)
	assert.Equal(t, slashes, set("EXAMPLE_A", `\"`).Text(slashes), "in one pass")
	huge := set("EXAMPLE_A").Bounded(strings.Repeat("x", 9<<20)+"EXAMPLE_A", redact.MaxText)
	assert.Len(t, huge, redact.MaxText)
}

// What is read through a Reader has as many bytes as before, and no secret, however it comes in pieces; and what it was
// is not lost for those who may know.
func TestReader(t *testing.T) {
	t.Parallel()
	secrets := set("EXAMPLE/A", "my")
	tests := []struct{ in, want string }{
		{"", ""},
		{"nothing", "nothing"},
		{"xEXAMPLE/Ax", "x*********x"},
		{`{"a":"EXAMPLE\/A","b":"EXAMPLE%2FAEXAMPLE/A"}`, `{"a":"**********","b":"********************"}`},
		{"EXAMPLE/", "EXAMPLE/"},
		{"EXAMPLE/EXAMPLE/A EXAMPLE%", "EXAMPLE/********* EXAMPLE%"},
		{"my mystery (my) tommy my", "** mystery (**) tommy **"},
		{strings.Repeat("x", 4090) + "EXAMPLE/A" + strings.Repeat("y", 9000) + "&", strings.Repeat("x", 4090) + "*********" + strings.Repeat("y", 9000) + "&"},
	}
	for _, tt := range tests {
		for name, pieces := range map[string]func(io.Reader) io.Reader{
			"whole": func(r io.Reader) io.Reader { return r }, "bytes": iotest.OneByteReader, "halves": iotest.HalfReader, "its end with it": iotest.DataErrReader,
		} {
			r := redact.NewReader(pieces(strings.NewReader(tt.in)), secrets)
			got, err := io.ReadAll(r)
			require.NoError(t, err)
			require.Equal(t, tt.want, string(got), name)
			assert.Equal(t, tt.in, string(r.Original(got)), name)
			assert.Equal(t, tt.want, string(got), "what was read stays as it is")

			changed := append(bytes.Clone(got), 'x')
			assert.Equal(t, changed, r.Original(changed), "somebody has added to it")
			small := redact.NewReader(pieces(strings.NewReader(tt.in)), secrets)
			got, err = io.ReadAll(iotest.OneByteReader(small))
			require.NoError(t, err)
			require.Equal(t, tt.want, string(got), name)
		}
	}
	cut := redact.NewReader(io.MultiReader(strings.NewReader("a EXAMPLE"), iotest.ErrReader(io.ErrUnexpectedEOF)), secrets)
	got, err := io.ReadAll(cut)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	assert.Equal(t, "a EXAMPLE", string(got))

	r := redact.NewReader(strings.NewReader("EXAMPLE/A"), secrets)
	_, err = io.ReadAll(r)
	require.NoError(t, err)
	assert.Equal(t, "123456789", string(r.Original([]byte("123456789"))), "somebody has changed it")
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

	long := fmt.Errorf("%w: %s", io.ErrUnexpectedEOF, strings.Repeat("x", redact.MaxText))
	cut := secrets.Error(long)
	assert.Len(t, cut.Error(), redact.MaxText)
	assert.ErrorIs(t, cut, io.ErrUnexpectedEOF)
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

// addressed is a request with the addresses of handlers.
type addressed struct {
	BotToken   string   `json:"botToken,omitempty"`
	WebhookURL string   `json:"webhookUrl,omitempty"`
	Event      string   `json:"EVENT_MESSAGE_ADD,omitempty"`
	Title      string   `json:"title"`
	Inside     *request `json:"inside,omitempty"`
}

func (r addressed) Format(f fmt.State, _ rune) { redact.Format(f, r) }
func (r addressed) LogValue() slog.Value       { return redact.LogValue(r) }

// The query of an address is masked, and a secret of a field wherever it stands.
func TestFormat_addresses(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://bot.example/h":                       "https://bot.example/h",
		"https://bot.example:8443/h?CLIENT_ID=s3cr3t": "https://bot.example:8443/h?***",
		"https://bot.example/h#s3cr3t":                "https://bot.example/h?***",
		"https://s3cr3t:me@bot.example?a=s3cr3t@b/":   "https://***@bot.example?***",
		"https://bot.example/s3cr3tOfTheBot/h":        "https://bot.example/***/h",
		"bot.example/h?CLIENT_ID=s3cr3t":              "bot.example/h?***",
		"https://bot.example/h@home":                  "https://bot.example/h@home",
		"":                                            "",
	} {
		r := addressed{BotToken: "s3cr3tOfTheBot", WebhookURL: address, Event: address, Title: "the s3cr3tOfTheBot"}
		assert.Equal(t, `redact_test.addressed{BotToken:*** WebhookURL:"`+want+`" Event:"`+want+`" Title:"the ***" Inside:<nil>}`, fmt.Sprintf("%#v", r))
		var out strings.Builder
		slog.New(slog.NewJSONHandler(&out, nil)).Info("m", "r", r)
		assert.NotContains(t, out.String(), "s3cr3t")
	}
	nested := addressed{Title: "the s3cr3tOfTheBot", Inside: &request{Title: "s3cr3tOfTheBot", BotToken: "s3cr3tOfTheBot"}}
	assert.NotContains(t, fmt.Sprint(nested), "s3cr3t")
	var out strings.Builder
	slog.New(slog.NewTextHandler(&out, nil)).Info("m", "r", nested)
	assert.Contains(t, out.String(), `r.Title="the ***" r.Inside.Title=***`)
}

// However a text comes in pieces, the same is masked, and all of it can be had back.
func FuzzReader(f *testing.F) {
	for _, seed := range []string{"EXAMPLE/A", `{"a":"EXAMPLE\/A"}`, "EXAMPLE%2fA&", "my EXAMPLE&#47;A my", `EXAMPLE\u002`, "EXAMPLE&am", `\u0045XAMPLE/A`, "😀my"} {
		f.Add(seed, "EXAMPLE/A")
	}
	f.Fuzz(func(t *testing.T, text, secret string) {
		secrets := set(secret, "my")
		whole := redact.NewReader(strings.NewReader(text), secrets)
		got, err := io.ReadAll(whole)
		require.NoError(t, err)
		require.Len(t, got, len(text))
		require.Equal(t, text, string(whole.Original(got)))
		pieces, err := io.ReadAll(iotest.OneByteReader(redact.NewReader(iotest.OneByteReader(strings.NewReader(text)), secrets)))
		require.NoError(t, err)
		require.Equal(t, string(got), string(pieces))
		if len(secret) >= 8 && !strings.Contains(secret, "*") {
			require.NotContains(t, string(got), secret)
			require.NotContains(t, secrets.Text(text), secret)
		}
	})
}
