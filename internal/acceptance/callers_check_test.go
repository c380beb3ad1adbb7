package acceptance_test

import (
	"net/http"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
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
