package acceptance_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// batchCase is a case of a batch: its commands in their order, and what a correct client makes of each.
type batchCase struct {
	conformanceCase
	commands []string // METHOD?PARAMETERS
	labels   []string
	halt     bool
	outcomes []batchOutcome
}

type batchOutcome struct {
	Kind string     `json:"kind"`
	Code imbot.Code `json:"code"`
}

func batchCases(t *testing.T) []batchCase {
	t.Helper()
	var cases []batchCase
	for _, file := range testdataIn(t, "conformance") {
		content := []byte(testdata(t, file))
		var c batchCase
		require.NoError(t, json.Unmarshal(content, &c.conformanceCase))
		if !strings.HasPrefix(c.Group, "7 ") {
			continue
		}
		var more struct {
			Request struct {
				Params struct {
					Halt int               `json:"halt"`
					Cmd  map[string]string `json:"cmd"`
				} `json:"params"`
			} `json:"request"`
			Want struct {
				Commands map[string]batchOutcome `json:"commands"`
			} `json:"want"`
		}
		require.NoError(t, json.Unmarshal(content, &more), file)
		c.halt = more.Request.Params.Halt != 0
		for label := range more.Request.Params.Cmd {
			c.labels = append(c.labels, label)
		}
		slices.SortFunc(c.labels, func(a, b string) int { return place(t, a) - place(t, b) })
		for _, label := range c.labels {
			c.commands = append(c.commands, more.Request.Params.Cmd[label])
			c.outcomes = append(c.outcomes, more.Want.Commands[label])
		}
		cases = append(cases, c)
	}
	return cases
}

// place is the number in a label, by which the cases are ordered.
func place(t *testing.T, label string) int {
	t.Helper()
	n, err := strconv.Atoi(strings.TrimPrefix(label, "c"))
	require.NoError(t, err)
	return n
}

// params are those of any command of the cases.
type params struct {
	ChatID     imbot.ChatID `json:"CHAT_ID,omitempty"`
	BotID      imbot.BotID  `json:"BOT_ID,omitempty"`
	ID         int          `json:"ID,omitempty"`
	EntityType string       `json:"ENTITY_TYPE,omitempty"`
	EntityID   string       `json:"ENTITY_ID,omitempty"`
}

// queueCommand queues a command as it stands in a case.
func queueCommand(t *testing.T, batch *imbot.Batch, command string) *imbot.Queued[json.RawMessage] {
	t.Helper()
	method, query, _ := strings.Cut(command, "?")
	values, err := url.ParseQuery(query)
	require.NoError(t, err)
	number := func(name string) int64 {
		n, err := strconv.ParseInt("0"+values.Get(name), 10, 64)
		require.NoError(t, err)
		return n
	}
	return imbot.Queue(batch, imbot.Method[params, json.RawMessage]{Name: method}, params{
		ChatID: imbot.ChatID(number("CHAT_ID")), BotID: imbot.BotID(number("BOT_ID")), ID: int(number("ID")),
		EntityType: values.Get("ENTITY_TYPE"), EntityID: values.Get("ENTITY_ID"),
	})
}

func TestConformance_batches(t *testing.T) {
	t.Parallel()
	cases := batchCases(t)
	assert.Equal(t, 10, len(cases)) //nolint:testifylint // it would print them all
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { playBatch(t, c) })
		})
	}
}

func playBatch(t *testing.T, c batchCase) {
	body := c.body()
	for i, label := range c.labels {
		if ours := "c" + strconv.Itoa(i); label != ours { // numbers for labels: ours are none
			body = strings.ReplaceAll(body, `"`+label+`":`, `"`+ours+`":`)
		}
	}
	portal := imbottest.NewPortal(t)
	portal.On("batch", imbottest.Raw(c.Response.Status, c.Response.Headers["Content-Type"], body))
	var opts []imbot.BatchOption
	if c.halt {
		opts = append(opts, imbot.WithHalt())
	}
	batch := portal.Client().NewBatch(opts...)
	var queued []*imbot.Queued[json.RawMessage]
	commands := c.commands[:min(len(c.commands), 50)]
	for _, command := range commands {
		queued = append(queued, queueCommand(t, batch, command))
	}

	err := batch.Do(t.Context())

	assert.Len(t, portal.Calls(), 1)
	if c.Want.Kind == "error" {
		require.ErrorIs(t, err, c.Want.Code)
		for _, q := range queued {
			_, got := q.Result()
			assert.Equal(t, err, got, "the error of the batch is that of each command")
		}
		return
	}
	require.NoError(t, err)
	for i, q := range queued {
		response, err := q.Result()
		switch want := c.outcomes[i]; want.Kind {
		case "success":
			require.NoError(t, err, commands[i])
			assert.NotNil(t, response.Result)
			assert.False(t, response.Time.Start.IsZero() && response.Time.Duration != 0)
		case "not_executed":
			require.ErrorIs(t, err, imbot.ErrNotExecuted)
			assert.NotErrorIs(t, err, imbot.ErrOutcomeUnknown)
		case "error":
			var refused *imbot.APIError
			require.ErrorAs(t, err, &refused, commands[i])
			assert.Equal(t, want.Code, refused.Code)
			assert.Equal(t, http.StatusOK, refused.StatusCode)
			assert.NotErrorIs(t, err, imbot.ErrOutcomeUnknown)
		default:
			t.Errorf("no outcome for %s", c.labels[i])
		}
	}
}

// A portal refuses a batch of more than fifty commands, so none is sent.
func TestConformance_noBatchIsTooLong(t *testing.T) {
	t.Parallel()
	for _, c := range batchCases(t) {
		if len(c.commands) <= 50 {
			continue
		}
		portal := imbottest.NewPortal(t)
		batch := portal.Client().NewBatch()
		for i, command := range c.commands {
			_, err := queueCommand(t, batch, command).Result()
			assert.Equal(t, i >= 50, errors.Is(err, imbot.ErrBatchLengthExceeded))
		}
		require.ErrorIs(t, batch.Do(t.Context()), imbot.ErrBatchLengthExceeded)
		assert.Empty(t, portal.Calls())
		return
	}
	t.Fatal("the case is gone")
}
