package acceptance_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

// What the Check of a method does instead of returning reaches the caller, alone and in a batch. There the outcome of
// its call and of those after it is unknown, and those before it keep their results.
func TestCallers_checksThatDoNotReturn(t *testing.T) {
	t.Parallel()
	for how, act := range map[string]func(){
		"panic: of the caller": func() { panic("of the caller") },
		"Goexit":               runtime.Goexit,
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			method := imbot.Method[imbot.ChatLeaveRequest, bool]{Name: "x", Check: func(bool) error {
				act()
				return nil
			}}

			alone := clienttest.New(t, imbot.Webhook(secretURL), clienttest.Over(clienttest.Answering(http.StatusOK, `{"result":true}`)))
			assert.Equal(t, how, ended(func() { _, _ = imbot.Call(t.Context(), alone, method, clienttest.Leave13) }))
			_, err := alone.Chat.Leave(t.Context(), clienttest.Leave13)
			require.NoError(t, err, "the client is as it was")

			client := clienttest.New(t, imbot.Webhook(secretURL), clienttest.Over(clienttest.Answering(http.StatusOK, `{"result":{"result":{"c0":true,"c1":true,"c2":true},"result_error":[]}}`)))
			batch := client.NewBatch()
			before := imbot.Queue(batch, imbot.MethodChatLeave, clienttest.Leave13)
			it := imbot.Queue(batch, method, clienttest.Leave13)
			after := imbot.Queue(batch, imbot.MethodChatLeave, clienttest.Leave13)
			assert.Equal(t, how, ended(func() { _ = batch.Do(t.Context()) }))
			_, err = before.Result()
			require.NoError(t, err)
			for _, queued := range []*imbot.Queued[bool]{it, after} {
				_, err = queued.Result()
				require.ErrorIs(t, err, imbot.ErrOutcomeUnknown)
				require.NotErrorIs(t, err, imbot.ErrNotExecuted)
			}
		})
	}
}

// What a Check or a situation of a user's own leaves open is not what was called.
func TestCallers_unknownOutcomesOfTheirs(t *testing.T) {
	t.Parallel()
	errNested := fmt.Errorf("a lookup: %w", imbot.ErrOutcomeUnknown)
	tests := []struct {
		name   string
		method imbot.Method[struct{}, bool]
		answer imbottest.Answer
		want   []error
	}{
		{
			"a check of a read",
			imbot.Method[struct{}, bool]{Idempotent: true, Check: func(bool) error { return errNested }},
			imbottest.Result(true),
			[]error{imbot.ErrUnexpectedResult},
		},
		{
			"a check that was declined",
			imbot.Method[struct{}, bool]{Check: func(bool) error { return errors.Join(imbot.ErrDeclined, errNested) }},
			imbottest.Result(true),
			[]error{imbot.ErrUnexpectedResult, imbot.ErrDeclined},
		},
		{
			"a situation",
			imbot.Method[struct{}, bool]{Refusals: []imbot.Refusal{{Code: "NO", Means: errNested}}},
			imbottest.Refuse(400, "NO", ""),
			[]error{imbot.Code("NO")},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)
			tt.method.Name = "x.report.send"
			portal.On(tt.method.Name, tt.answer)

			_, err := imbot.Call(t.Context(), portal.Client(clienttest.WithoutRepeats()...), tt.method, struct{}{})

			clienttest.MatchesOnly(t, err, tt.want...)
			assert.ErrorIs(t, err, errNested)
		})
	}
}

// The check of imbot.chat.get in another method says what any check does.
func TestCallers_borrowedCheck(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	portal.On("x.chat.make", imbottest.Result(nil))
	borrowed := imbot.Method[struct{}, imbot.ChatRef]{Name: "x.chat.make", Check: imbot.MethodChatGet.Check}

	_, err := imbot.Call(t.Context(), portal.Client(clienttest.WithoutRepeats()...), borrowed, struct{}{})

	clienttest.MatchesOnly(t, err, imbot.ErrUnexpectedResult, imbot.ErrOutcomeUnknown, imbot.ErrNotFound)
}

// Whoever declares a method reads which field of the type is wrong, and sees what came by json.RawMessage.
func TestCallers_typesThatDoNotFit(t *testing.T) {
	t.Parallel()
	type deal struct {
		ID    int64  `json:"ID"`
		Title string `json:"TITLE"`
	}
	portal := imbottest.NewPortal(t)
	portal.On("crm.deal.get", imbottest.Result(map[string]any{"ID": "17", "TITLE": "SECRET"}))
	client, get := portal.Client(), imbot.Method[struct{}, deal]{Name: "crm.deal.get", Idempotent: true}
	batch := client.NewBatch()
	queued := imbot.Queue(batch, get, struct{}{})
	require.NoError(t, batch.Do(t.Context()))

	_, err := imbot.Call(t.Context(), client, get, struct{}{})
	_, inBatch := queued.Result()

	for _, err := range []error{err, inBatch} {
		clienttest.MatchesOnly(t, err, imbot.ErrUnexpectedResult)
		require.EqualError(t, err, "crm.deal.get: unexpected result: an object, in which ID does not fit int64")
	}
	raw, err := imbot.Call(t.Context(), client, imbot.Method[struct{}, json.RawMessage]{Name: "crm.deal.get"}, struct{}{})
	require.NoError(t, err)
	assert.JSONEq(t, `{"ID":"17","TITLE":"SECRET"}`, string(raw.Result))
}
