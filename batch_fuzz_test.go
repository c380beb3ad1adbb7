package imbot_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"testing"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

// Whatever a portal answers to a batch, each call has a result or an error, and no command with an error is done.
func FuzzBatch(f *testing.F) {
	for _, seed := range []string{
		`{"result":{"result":{"c0":true,"c1":true},"result_error":[]}}`,
		`{"result":{"result":{"c0":true},"result_error":{"c1":{"error":"ACCESS_ERROR"}}},"time":{"operating":1}}`,
		`{"result":{"result":[true,true],"result_error":["x"]}}`,
		`{"error":"QUERY_LIMIT_EXCEEDED"}`, `{"result":true}`, `<html>`, `{`, ``,
	} {
		f.Add(http.StatusOK, seed)
		f.Add(http.StatusBadGateway, seed)
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		if status < 200 || status > 599 {
			return
		}
		portal := imbottest.Start()
		defer portal.Close()
		portal.On("batch", imbottest.Raw(status, "application/json", body))
		batch := portal.Client(clienttest.WithoutRepeats()...).NewBatch()
		queued := []*imbot.Queued[bool]{
			imbot.Queue(batch, imbot.MethodChatLeave, clienttest.Leave13),
			imbot.Queue(batch, imbot.MethodChatLeave, imbot.ChatLeaveRequest{ChatID: 14, BotID: 39}),
		}
		doErr := batch.Do(t.Context())
		var answer struct {
			Result struct {
				Errors any `json:"result_error"`
			} `json:"result"`
			Error any `json:"error"`
		}
		readable := json.Unmarshal([]byte(body), &answer) == nil
		for i, q := range queued {
			response, err := q.Result()
			switch {
			case (response == nil) == (err == nil):
				t.Fatalf("%v and %v", response, err)
			case doErr != nil && !errors.Is(err, doErr):
				t.Fatalf("%v, but the batch has %v", err, doErr)
			case err == nil && !response.Result:
				t.Fatal("done, without a true")
			case err == nil && (!readable || answer.Error != nil || isRefused(answer.Result.Errors, i)):
				t.Fatalf("done, it says, of %s", body)
			}
		}
	})
}

// isRefused tells whether the errors of a batch have one for a command.
func isRefused(refusals any, command int) bool {
	byLabel, _ := refusals.(map[string]any)
	return byLabel["c"+strconv.Itoa(command)] != nil
}
