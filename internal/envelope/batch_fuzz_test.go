package envelope_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/seed-a6e4e5a4/imbot/internal/envelope"
)

// Whatever the answer is, each command has one entry, and one that has an error is no success.
func FuzzParseBatch(f *testing.F) {
	for _, seed := range []string{
		`{"result":{"c0":true,"c1":false},"result_error":[],"result_time":{"c0":{"duration":1}}}`,
		`{"result":[],"result_error":{"c1":{"error":"ACCESS_ERROR","error_description":"x"}}}`,
		`{"result":[true],"result_error":["x","A"]}`,
		`{"result":{"0":1,"1":null},"result_error":{"0":null,"c1":""}}`,
		`{"result_error":{"c0":[]}}`, `{"result":"x"}`, `[]`, `null`, `{"result":null,"result_error":null}`,
		`{"result":{"c0":1,"c0":2},"result_error":{"c0":{"error":{"code":"x"}}}}`,
	} {
		f.Add([]byte(seed))
	}
	labels := []string{"c0", "c1"}
	f.Fuzz(func(t *testing.T, answer []byte) {
		if !json.Valid(answer) {
			return // it has been read as a part of an answer by now
		}
		batch, err := envelope.ParseBatch([]byte(strings.TrimSpace(string(answer))), labels)
		if err != nil {
			if batch.Items != nil || batch.Complete {
				t.Fatal("an error, and more than that")
			}
			return
		}
		if len(batch.Items) != len(labels) {
			t.Fatalf("%d entries for %d commands", len(batch.Items), len(labels))
		}
		var parts struct {
			Errors json.RawMessage `json:"result_error"`
		}
		var errors map[string]any
		if json.Unmarshal(answer, &parts) != nil || json.Unmarshal(parts.Errors, &errors) != nil {
			return
		}
		for i, label := range labels {
			if errors[label] != nil && batch.Items[i].Refusal == nil {
				t.Fatalf("%s has an error, which is not told", label)
			}
		}
	})
}
