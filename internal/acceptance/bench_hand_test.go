package acceptance_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
)

// handClient is what imbot is measured against: a careful client of one method by net/http and encoding/json alone. It
// has a context, typed requests, answers and errors, and a cap on what it reads. It leaves to its user what imbot does
// beside that: limits, repeats, keeping the secret out of errors, telling a lost answer from a refusal; and the
// timeout, unless it has one.
type handClient struct {
	http    *http.Client
	webhook string
	timeout time.Duration
}

func (c *handClient) leave(ctx context.Context, params imbot.ChatLeaveRequest) (*handAnswer, error) {
	if c.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.timeout)
		defer cancel()
	}
	body, err := json.Marshal(params)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.webhook+"imbot.chat.leave", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20)) // less work than a json.Decoder
	if err != nil {
		return nil, err
	}
	var answer handAnswer
	if err := json.Unmarshal(raw, &answer); err != nil {
		return nil, fmt.Errorf("reading the answer (HTTP %d): %w", resp.StatusCode, err)
	}
	switch {
	case answer.Error != "" || resp.StatusCode/100 != 2:
		return nil, &handError{resp.StatusCode, answer.Error, answer.Description}
	case answer.Result == nil:
		return nil, fmt.Errorf("the answer (HTTP %d) has no result", resp.StatusCode)
	default:
		return &answer, nil
	}
}

type handAnswer struct {
	Result      *bool    `json:"result"`
	Time        handTime `json:"time"`
	Error       string   `json:"error"`
	Description string   `json:"error_description"`
}

type handTime struct {
	Start            float64   `json:"start"`
	Finish           float64   `json:"finish"`
	Duration         float64   `json:"duration"`
	Processing       float64   `json:"processing"`
	DateStart        time.Time `json:"date_start"`
	DateFinish       time.Time `json:"date_finish"`
	OperatingResetAt int64     `json:"operating_reset_at"`
	Operating        float64   `json:"operating"`
}

type handError struct {
	Status            int
	Code, Description string
}

func (e *handError) Error() string {
	return fmt.Sprintf("%s: %s (HTTP %d)", e.Code, e.Description, e.Status)
}
