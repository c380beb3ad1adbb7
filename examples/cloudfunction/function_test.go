package cloudfunction

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

const token = "EXAMPLE_TOKEN_OF_THE_FUNCTION"

// The bot is out of the chat when the portal has its answer, and events of nobody do nothing.
func TestHandler(t *testing.T) {
	portal := imbottest.NewPortal(t)
	t.Setenv("BITRIX24_WEBHOOK_URL", portal.ServerWebhookURL())
	t.Setenv("BITRIX24_BOT_TOKEN", token)
	made, err := imbotv2.New(portal.Client()).Bot.Register(t.Context(), imbotv2.BotRegisterRequest{Fields: imbotv2.BotRegisterFields{
		Code: "leaver", BotToken: token, Properties: imbotv2.BotProperties{Name: "Leaver"},
		EventMode: imbotv2.EventModeWebhook, WebhookURL: "https://function.example/",
	}})
	require.NoError(t, err)
	portal.SendEventsTo(http.HandlerFunc(Handler))
	portal.Fault("imbot.v2.Chat.leave", imbottest.LoseAfter())

	portal.AddMember(imbottest.ChatElsewhere, imbot.UserID(made.Result.Bot.ID), imbottest.Employee)

	assert.False(t, portal.Has(imbottest.ChatElsewhere, made.Result.Bot.ID))
	deliveries := portal.Deliveries()
	require.Len(t, deliveries, 1)
	assert.Equal(t, http.StatusOK, deliveries[0].Status)

	answer := httptest.NewRecorder()
	forged := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader("event=ONIMBOTV2JOINCHAT&auth[application_token]=customEXAMPLE"))
	forged.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	Handler(answer, forged)
	assert.Equal(t, http.StatusForbidden, answer.Code)
}

func TestNewBot_mistake(t *testing.T) {
	t.Parallel()
	_, err := newBot("", token)
	var mistake *imbot.ParamError
	require.ErrorAs(t, err, &mistake)
}
