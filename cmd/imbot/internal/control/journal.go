package control

import (
	"net/http"
	"net/url"
	"time"

	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// callBody is a call that reached the portal. Its path, which has the secret of a webhook, is left out.
type callBody struct {
	Method     string         `json:"method"`
	Params     map[string]any `json:"params"`
	HTTPMethod string         `json:"http_method"`
	Auth       string         `json:"auth"` // none, webhook or oauth
	Status     int            `json:"status"`
	Code       string         `json:"code,omitempty"`
	Label      string         `json:"label,omitempty"` // of a command of a batch
	UserAgent  string         `json:"user_agent,omitempty"`
	At         time.Time      `json:"at"`
}

func calls(p *imbottest.Portal, r *http.Request) (any, error) {
	wanted := r.URL.Query()["method"]
	list := []callBody{}
	for _, c := range p.Calls(wanted...) {
		auth := map[imbottest.AuthKind]string{imbottest.AuthNone: "none", imbottest.AuthWebhook: "webhook", imbottest.AuthOAuth: "oauth"}[c.Auth]
		list = append(list, callBody{c.Method, c.Params, c.HTTPMethod, auth, c.Status, c.Code, c.Label, c.Header.Get("User-Agent"), c.At})
	}
	return map[string]any{"count": p.CallCount(wanted...), "calls": list}, nil
}

func tokenCalls(p *imbottest.Portal, _ *http.Request) (any, error) {
	type line struct {
		Form   url.Values `json:"form"`
		Status int        `json:"status"`
		Code   string     `json:"code,omitempty"`
		At     time.Time  `json:"at"`
	}
	list := []line{}
	for _, c := range p.TokenCalls() {
		list = append(list, line{c.Form, c.Status, c.Code, c.At})
	}
	return map[string]any{"calls": list}, nil
}

func deliveries(p *imbottest.Portal, r *http.Request) (any, error) {
	type line struct {
		Event  string    `json:"event"`
		URL    string    `json:"url"`
		Body   string    `json:"body"`
		Status int       `json:"status"`
		Error  string    `json:"error,omitempty"`
		At     time.Time `json:"at"`
	}
	list := []line{}
	for _, d := range p.Deliveries(r.URL.Query()["event"]...) {
		text := ""
		if d.Err != nil {
			text = d.Err.Error()
		}
		list = append(list, line{d.Event, d.URL, d.Body, d.Status, text, d.At})
	}
	return map[string]any{"deliveries": list}, nil
}
