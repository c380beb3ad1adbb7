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

// handClient is what imbot is measured against: a careful client of two methods by net/http and encoding/json alone. It
// has a context, typed requests, answers and errors, and a cap on what it reads. It leaves to its user what imbot does
// beside that: limits, repeats, keeping the secret out of errors, telling a lost answer from a refusal; and the
// timeout, unless it has one.
type handClient struct {
	http    *http.Client
	webhook string
	timeout time.Duration
}

func (c *handClient) leave(ctx context.Context, params imbot.ChatLeaveRequest) (*handAnswer[bool], error) {
	return handCall[bool](ctx, c, "imbot.chat.leave", params)
}

// handMessage is a message with a keyboard.
type handMessage struct {
	BotID    int64  `json:"botId"`
	BotToken string `json:"botToken,omitempty"`
	DialogID string `json:"dialogId"`
	Fields   struct {
		Message  string `json:"message"`
		Keyboard struct {
			BotID   int64        `json:"BOT_ID,omitempty"`
			Buttons []handButton `json:"BUTTONS"`
		} `json:"keyboard"`
	} `json:"fields"`
}

type handButton struct {
	Text          string `json:"TEXT"`
	Link          string `json:"LINK,omitempty"`
	Command       string `json:"COMMAND,omitempty"`
	CommandParams string `json:"COMMAND_PARAMS,omitempty"`
	Display       string `json:"DISPLAY,omitempty"`
	BgColorToken  string `json:"BG_COLOR_TOKEN,omitempty"`
	Block         string `json:"BLOCK,omitempty"`
}

type handSent struct {
	ID      int64            `json:"id"`
	UUIDMap map[string]int64 `json:"uuidMap"`
}

func (c *handClient) send(ctx context.Context, params handMessage) (*handAnswer[handSent], error) {
	return handCall[handSent](ctx, c, "imbot.v2.Chat.Message.send", params)
}

func handCall[Result any](ctx context.Context, c *handClient, method string, params any) (*handAnswer[Result], error) {
	if c.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.timeout)
		defer cancel()
	}
	body, err := json.Marshal(params)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.webhook+method, bytes.NewReader(body))
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
	var answer handAnswer[Result]
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

type handAnswer[Result any] struct {
	Result      *Result  `json:"result"`
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
