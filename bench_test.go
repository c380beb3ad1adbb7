package imbot_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/seed-a6e4e5a4/imbot"
)

// documentedAnswer is a success as the documentation shows it.
const documentedAnswer = `{"result":true,"time":{"start":1771946333,"finish":1771946334.073154,"duration":1.0731539726257324,` +
	`"processing":1,"date_start":"2026-02-24T16:18:53+03:00","date_finish":"2026-02-24T16:18:54+03:00",` +
	`"operating_reset_at":1771946933,"operating":0.10132789611816406}}`

// noNetwork answers at once.
var noNetwork = roundTrip(func(req *http.Request) (*http.Response, error) {
	if _, err := io.Copy(io.Discard, req.Body); err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: http.StatusOK,
		Header:     http.Header{"Content-Type": {"application/json; charset=utf-8"}},
		Body:       io.NopCloser(bytes.NewReader([]byte(documentedAnswer))),
		Request:    req,
	}, nil
})

// BenchmarkLeave is one call without a network, beside what a careful user writes by hand.
func BenchmarkLeave(b *testing.B) {
	const webhook = "https://portal.example/rest/1/EXAMPLE_SECRET/"
	transport := &http.Client{Transport: noNetwork}
	b.Run("by hand", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := leaveByHand(b.Context(), transport, webhook, leave13); err != nil {
				b.Fatal(err)
			}
		}
	})
	for name, opts := range map[string][]imbot.Option{
		"bare":     {imbot.WithLimiter(nil), imbot.WithRetry(imbot.RetryPolicy{})},
		"repeats":  {imbot.WithLimiter(nil)},
		"watching": {imbot.WithLimiter(nil), imbot.WithObserver(func(context.Context, imbot.Attempt) {})},
	} {
		b.Run(name, func(b *testing.B) {
			client := newClient(b, imbot.Webhook(webhook), append(opts, imbot.WithHTTPClient(transport))...)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := client.Chat.Leave(b.Context(), leave13); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// leaveByHand is a call by net/http and encoding/json: context, typed request and answer, error, size cap.
func leaveByHand(ctx context.Context, client *http.Client, webhook string, params imbot.ChatLeaveRequest) error {
	body, err := json.Marshal(params)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, webhook+"imbot.chat.leave", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	var answer struct {
		Result           bool   `json:"result"`
		Error            string `json:"error"`
		ErrorDescription string `json:"error_description"`
		Time             struct {
			Start            float64 `json:"start"`
			Finish           float64 `json:"finish"`
			Duration         float64 `json:"duration"`
			Processing       float64 `json:"processing"`
			DateStart        string  `json:"date_start"`
			DateFinish       string  `json:"date_finish"`
			OperatingResetAt int64   `json:"operating_reset_at"`
			Operating        float64 `json:"operating"`
		} `json:"time"`
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, 10<<20)).Decode(&answer); err != nil {
		return err
	}
	if answer.Error != "" || !answer.Result {
		return fmt.Errorf("%s: %s", answer.Error, answer.ErrorDescription)
	}
	return nil
}
