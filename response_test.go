package imbot_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

func leaveTime(t testing.TB, block string) imbot.Time {
	t.Helper()
	portal := imbottest.NewPortal(t)
	portal.On("imbot.chat.leave", imbottest.Raw(200, "application/json", `{"result":true`+block+`}`))
	response, err := portal.Client().Chat.Leave(t.Context(), clienttest.Leave13)
	require.NoError(t, err, "time never makes an error of a success")
	return response.Time
}

func TestTime_asDocumented(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("", 3*60*60)

	got := leaveTime(t, `,"time":{"start":1771946333,"finish":1771946334.073154,"duration":1.0731539726257324,"processing":1,
		"date_start":"2026-02-24T16:18:53+03:00","date_finish":"2026-02-24T16:18:54+03:00",
		"operating_reset_at":1771946933,"operating":0.10132789611816406}`)

	assert.Equal(t, time.Date(2026, 2, 24, 15, 18, 53, 0, time.UTC), got.Start)
	assert.Equal(t, time.Date(2026, 2, 24, 15, 18, 54, 73154000, time.UTC), got.Finish)
	assert.Equal(t, 1073153973*time.Nanosecond, got.Duration)
	assert.Equal(t, time.Second, got.Processing)
	assert.WithinDuration(t, time.Date(2026, 2, 24, 16, 18, 53, 0, zone), got.DateStart, 0)
	assert.WithinDuration(t, time.Date(2026, 2, 24, 16, 18, 54, 0, zone), got.DateFinish, 0)
	_, offset := got.DateStart.Zone()
	assert.Equal(t, 3*60*60, offset)
	assert.True(t, got.HasOperating)
	assert.Equal(t, 101327896*time.Nanosecond, got.Operating)
	assert.Equal(t, time.Date(2026, 2, 24, 15, 28, 53, 0, time.UTC), got.OperatingResetAt)
}

func TestTime_variants(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, block string
		want        imbot.Time
	}{
		{"none", ``, imbot.Time{}},
		{"null", `,"time":null`, imbot.Time{}},
		{"an empty PHP array", `,"time":[]`, imbot.Time{}},
		{"a text", `,"time":"soon"`, imbot.Time{}},
		{"a number", `,"time":5`, imbot.Time{}},
		{"empty", `,"time":{}`, imbot.Time{}},
		{"a fractional start", `,"time":{"start":1771946333.12}`, imbot.Time{Start: time.Unix(1771946333, 120000000).UTC()}},
		{"quoted numbers", `,"time":{"start":"1771946333","operating":"0.5"}`, imbot.Time{
			Start: time.Unix(1771946333, 0).UTC(), HasOperating: true, Operating: 500 * time.Millisecond,
		}},
		{"a budget of which nothing is used", `,"time":{"operating":0}`, imbot.Time{HasOperating: true}},
		{"a budget without its reset", `,"time":{"operating":1.5}`, imbot.Time{HasOperating: true, Operating: 1500 * time.Millisecond}},
		{"a reset without its budget", `,"time":{"operating_reset_at":1771946933}`, imbot.Time{OperatingResetAt: time.Unix(1771946933, 0).UTC()}},
		{"a null budget", `,"time":{"operating":null,"operating_reset_at":null}`, imbot.Time{}},
		{"wrong types", `,"time":{"start":{},"finish":[],"duration":true,"processing":"soon","date_start":5,"date_finish":"","operating":"x"}`, imbot.Time{}},
		{"an unreadable date", `,"time":{"date_start":"24.02.2026","duration":2}`, imbot.Time{Duration: 2 * time.Second}},
		{"an exponent", `,"time":{"duration":1.5e-3}`, imbot.Time{Duration: 1500 * time.Microsecond}},
		{"beyond all time", `,"time":{"start":1e300,"duration":-1e300,"operating":1e18,"finish":"NaN","processing":"Inf"}`, imbot.Time{}},
		{"a span that no Duration holds", `,"time":{"duration":1e11}`, imbot.Time{}},
		{"members that nobody has described", `,"time":{"duration":1,"new":[1,2]},"next":50,"total":51,"new":{}`, imbot.Time{Duration: time.Second}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, tt.want, leaveTime(t, tt.block))
		})
	}
}

// FuzzTime reads a time twice: as it is, and with one more name, which leaves it to encoding/json. Both are the same.
func FuzzTime(f *testing.F) {
	f.Add(`{"start":1771946333,"finish":1771946334.073154}`)
	f.Add(`{"start":"1e5","date_start":"2026-02-24T16:18:53+03:00","operating":-1}`)
	f.Add(`{"start":1,"start":null,"duration":[],"DURATION":3,"finish":"\u0031"}`)
	f.Add(`{ }`)
	f.Add(`[]`)
	f.Fuzz(func(t *testing.T, block string) {
		got, err := timeOf(t, block)
		if !json.Valid([]byte(block)) {
			return // it was no time, and perhaps no answer
		}
		require.NoError(t, err, "time never makes an error of a success")
		block = strings.TrimSpace(block)
		if block[0] != '{' {
			require.Equal(t, imbot.Time{}, got)
			return
		}
		unusual := strings.TrimSpace(strings.TrimSuffix(block, "}"))
		if unusual != "{" {
			unusual += ","
		}
		want, err := timeOf(t, unusual+`"UNUSUAL":0}`)
		require.NoError(t, err)
		require.Equal(t, want, got)
	})
}

// timeOf is the time of a success, with what the portal says in the place of it.
func timeOf(t testing.TB, block string) (imbot.Time, error) {
	t.Helper()
	client := clienttest.New(t, imbot.Webhook(clienttest.WebhookURL), append(clienttest.WithoutRepeats(),
		clienttest.Over(clienttest.Answering(http.StatusOK, `{"result":true,"time":`+block+`}`)))...)
	response, err := client.Chat.Leave(t.Context(), clienttest.Leave13)
	if err != nil {
		return imbot.Time{}, err
	}
	return response.Time, nil
}
