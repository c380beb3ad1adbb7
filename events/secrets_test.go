package events_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
	"github.com/seed-a6e4e5a4/imbot/internal/secrettest"
)

// Each secret is long enough to be found by chance nowhere.
const (
	secretAccess  = "EXAMPLEaccessSECRET7c1f"
	secretRefresh = "EXAMPLErefreshSECRET93ab"
	secretBot     = "EXAMPLEbotSECRET55de"
	secretRenew   = "EXAMPLErenewSECRET0b22"
	secretProof   = "EXAMPLEproofSECRET8e4f"
	secretClient  = "EXAMPLEclientSECRET61aa"
	secretTwin    = "EXAMPLEtwinSECRET4d70" // of the bot's token, which stands in two places
	secretSpare   = "EXAMPLEspareSECRETc3e9"
	secretPlace   = "EXAMPLEplaceSECRET1b95"
)

var secrets = secrettest.Secrets{
	secretAccess, secretRefresh, secretBot, secretRenew, secretProof, secretClient, secretTwin, secretSpare, secretPlace,
}

// secretEvent has every secret that an event can have.
func secretEvent(t testing.TB) *events.Event {
	t.Helper()
	return parse(t, "/?CLIENT_ID="+secretClient, secretForm("ONIMBOTMESSAGEADD"))
}

func secretForm(event string) string {
	return fields("event="+event, "data[BOT_ID]=9", "data[BOT][9][BOT_ID]=9", "data[PARAMS][CHAT_ID]=1157", "data[BOT][571][client_id]="+secretClient,
		"data[BOT][571][access_token]="+secretBot, "data[BOT][571][refresh_token]="+secretRenew, "data[BOT][571][application_token]="+secretPlace,
		"data[BOT][571][AUTH][access_token]="+secretTwin, "data[BOT][571][AUTH][refresh_token]="+secretSpare,
		"auth[access_token]="+secretAccess, "auth[refresh_token]="+secretRefresh, "auth[application_token]="+secretProof, "auth[member_id]="+member)
}

func TestSecrets_noValueShowsOne(t *testing.T) {
	t.Parallel()
	event := secretEvent(t)
	webhookBot, appBot := event.Bots[0], event.Bots[1]
	require.Equal(t, secretClient, webhookBot.ClientID)
	require.Equal(t, secretBot, appBot.Token.AccessToken)
	h := newHandler(t, events.WithInstallCheck(func(context.Context, *events.Event) error { return nil }))
	portal := imbottest.NewPortal(t)
	client, err := appBot.Client(portal.Client(), portal.Endpoint())
	require.NoError(t, err)
	_, noToken := webhookBot.Client(portal.Client(), portal.Endpoint())
	request, ok := event.LeaveRequest(webhookBot)
	require.True(t, ok)
	for name, value := range map[string]any{
		"Event": event, "Event value": *event, "Bot": webhookBot, "Bot pointer": &webhookBot, "Bot of an application": appBot,
		"Handler": h, "Client": client, "ErrNoToken": noToken, "LeaveRequest": request, "empty Event": events.Event{}, "empty Bot": events.Bot{},
	} {
		secrets.NotPrinted(t, value, name)
		for _, verb := range secrettest.Verbs {
			assert.NotContains(t, fmt.Sprintf(verb, value), "PANIC", name+" by "+verb)
		}
	}
	for _, verb := range secrettest.Verbs {
		secrets.NotIn(t, fmt.Sprintf(verb, event.Bots), "Bots by "+verb)
	}
	secrets.NotReached(t, client, "Client")
}

// As JSON an event is what was sent, which its comment says.
func TestSecrets_jsonIsRaw(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(secretEvent(t))
	require.NoError(t, err)
	assert.Contains(t, string(text), secretProof)
}

func TestSecrets_printsWhatHelps(t *testing.T) {
	t.Parallel()
	event := secretEvent(t)
	assert.Equal(t, `events.Event{Name:"ONIMBOTMESSAGEADD" ChatID:1157 DialogID:"" UserID:0 Bots:[`+
		`events.Bot{ID:9 Code:"" ClientID:*** Token:""} events.Bot{ID:571 Code:"" ClientID:"" Token:***}] `+
		`Auth:*** ApplicationToken:*** MemberID:"`+member+`" Time:- Values:(14)}`, fmt.Sprint(event))
	var out bytes.Buffer
	slog.New(slog.NewTextHandler(&out, nil)).Info("m", "e", parse(t, "/?CLIENT_ID=my", join("data[PARAMS][DIALOG_ID]=chat1157", "data[PARAMS][USER_ID]=27", "ts=1772094525")))
	assert.Contains(t, out.String(), "e.name=ONIMBOTJOINCHAT e.chat_id=1157 e.dialog_id=chat1157 e.user_id=27 e.bot_571.id=571 e.bot_571.code=\"\" e.bot_571.client_id=*** e.member_id="+member)
	long := fmt.Sprint(events.Event{MemberID: strings.Repeat("m", 1000) + "\n"})
	assert.Less(t, len(long), 300)
}

// Nothing that goes wrong repeats a secret, though everything that can go wrong here tries to.
func TestSecrets_noFailureShowsOne(t *testing.T) {
	t.Parallel()
	echo := fmt.Errorf("echo %s %s %s %s %s %s %s %s %s", secretAccess, secretRefresh, secretBot, secretRenew, secretProof, secretClient,
		secretTwin, secretSpare, secretPlace)
	callbacks := map[string]events.Callback{
		"error":        func(context.Context, *events.Event) error { return echo },
		"panic":        func(context.Context, *events.Event) error { panic(echo) },
		"panic, text":  func(context.Context, *events.Event) error { panic(echo.Error()) },
		"panic, event": func(_ context.Context, event *events.Event) error { panic(event) },
		"panic, map":   func(_ context.Context, event *events.Event) error { panic(event.Values) },
	}
	lookups := map[string]events.Lookup{
		"knows": func(context.Context, events.Sender) (string, error) { return secretProof, nil },
		"fails": func(context.Context, events.Sender) (string, error) { return secretProof, echo },
		"other": func(context.Context, events.Sender) (string, error) { return secretProof + "x", nil },
	}
	for how, callback := range callbacks {
		for lookupName, lookup := range lookups {
			for _, name := range []string{events.MessageAdd, events.AppInstall, "ONIMBOT"} {
				where := how + " " + lookupName + " " + name
				var reported errorsOf
				var logged bytes.Buffer
				h, err := events.NewHandler(lookup, events.OnOther(callback), events.WithErrorHandler(reported.add),
					events.WithLogger(slog.New(slog.NewTextHandler(&logged, nil))),
					events.WithInstallCheck(func(context.Context, *events.Event) error {
						if lookupName == "fails" {
							return echo
						}
						return nil
					}))
				require.NoError(t, err)
				w := httptest.NewRecorder()

				h.ServeHTTP(w, post(t, "/?CLIENT_ID="+secretClient, secretForm(name)))
				h.ServeHTTP(w, post(t, "/?CLIENT_ID="+secretClient, secretForm(name)+"&data[PARAMS][CHAT_ID]="+secretProof))

				require.NoError(t, h.Shutdown(t.Context()))
				secrets.NotIn(t, w.Body.String(), where+", answer")
				secrets.NotIn(t, logged.String(), where+", log")
				require.NotEmpty(t, reported.all(), where)
				for _, err := range reported.all() {
					secrets.NotInError(t, err, where)
				}
			}
		}
	}
}

// A bot that was registered with a botToken has it in every post, behind a word: the token alone is a secret, too. So are
// those of the second generation, which stand in places of their own.
func TestSecrets_second(t *testing.T) {
	t.Parallel()
	echo := fmt.Errorf("echo %s %s %s", secretProof, secretBot, secretRenew)
	body := fields("event=ONIMBOTV2MESSAGEADD", "data[bot][id]=456", "data[bot][auth][access_token]="+secretBot, "data[bot][auth][refresh_token]="+secretRenew,
		"data[message][id]=9", "auth[domain]=portal.example", "auth[application_token]=custom"+secretProof)
	object := `{"event":"ONIMBOTV2MESSAGEADD","data":{"bot":{"id":456,"auth":{"access_token":"` + secretBot + `","refresh_token":"` + secretRenew + `"}},` +
		`"message":{"id":9}},"auth":{"domain":"portal.example","application_token":"custom` + secretProof + `"}}`
	for how, f := range map[string]imbotv2.EventFunc{
		"error":        func(context.Context, *imbotv2.Event) error { return echo },
		"panic":        func(context.Context, *imbotv2.Event) error { panic(echo) },
		"panic, event": func(_ context.Context, event *imbotv2.Event) error { panic(event) },
		"panic, data":  func(_ context.Context, event *imbotv2.Event) error { panic(string(event.Data)) },
	} {
		for contentType, body := range map[string]string{form: body, "application/json": object} {
			var reported errorsOf
			var logged bytes.Buffer
			mux := imbotv2.NewMux()
			mux.Message(f)
			h, err := events.NewHandler(func(context.Context, events.Sender) (string, error) { return secretProof, nil }, events.WithMux(mux),
				events.WithSynchronous(), events.WithErrorHandler(reported.add), events.WithLogger(slog.New(slog.NewTextHandler(&logged, nil))))
			require.NoError(t, err)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, postOf(t, contentType, body))
			assert.Equal(t, 500, w.Code)
			require.Len(t, reported.all(), 1)
			secrets.NotPrinted(t, reported.all()[0], how)
			secrets.NotIn(t, logged.String()+w.Body.String(), how)
		}
	}
	event := parse(t, "/", body)
	for name, value := range map[string]any{"Event": event, "Bot": event.Bots[0], "Fetched": event.Fetched(), "Sender": events.Sender{Domain: "portal.example"}, "ID": event.ID()} {
		secrets.NotPrinted(t, value, name)
	}
	handler := newHandler(t, events.WithMux(imbotv2.NewMux()), events.WithoutRepeats(time.Minute), events.WithMaxAge(time.Minute))
	secrets.NotPrinted(t, handler, "Handler")
}

// Without a logger nothing is written, and with one only what went wrong.
func TestHandler_logs(t *testing.T) {
	t.Parallel()
	var logged bytes.Buffer
	plain := &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == "stack" {
			return slog.Attr{}
		}
		return a
	}}
	h := newHandler(t, events.WithWorkers(1), events.WithLogger(slog.New(slog.NewTextHandler(&logged, plain))),
		events.OnJoinChat(func(context.Context, *events.Event) error { return nil }),
		events.OnBotDelete(func(context.Context, *events.Event) error { panic("ouch") }))
	assert.Equal(t, 200, serve(h, post(t, "/", join())))
	assert.Equal(t, 400, serve(h, post(t, "/", "")))
	assert.Equal(t, 200, serve(h, post(t, "/", named(events.BotDelete))))
	require.NoError(t, h.Shutdown(t.Context()))
	assert.Equal(t, `level=WARN msg="event refused" status=400 error="events: malformed: there is no name of an event (HTTP 400)"`+"\n"+
		`level=ERROR msg="event failed" event=ONIMBOTDELETE member_id=`+member+` error="events: the callback panicked: ouch"`+"\n", logged.String())
}
