package control

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// faultBody is something that goes wrong with one call.
type faultBody struct {
	Kind        string  `json:"kind"`
	Status      int     `json:"status"`      // of html and html_after
	Seconds     float64 `json:"seconds"`     // of slow_before and slow_after
	Bytes       int     `json:"bytes"`       // of truncate and cut_json
	Location    string  `json:"location"`    // of redirect
	Code        string  `json:"code"`        // of inside_200
	Description string  `json:"description"` // likewise
	Optional    bool    `json:"optional"`    // unmet does not tell of it
}

func (f faultBody) wait() time.Duration { return time.Duration(f.Seconds * float64(time.Second)) }

// kinds are the faults by their names.
var kinds = map[string]func(faultBody) imbottest.Fault{
	"none":         func(faultBody) imbottest.Fault { return imbottest.NoFault() },
	"refuse_dial":  func(faultBody) imbottest.Fault { return imbottest.RefuseDial() },
	"lose_before":  func(faultBody) imbottest.Fault { return imbottest.LoseBefore() },
	"lose_after":   func(faultBody) imbottest.Fault { return imbottest.LoseAfter() },
	"slow_before":  func(f faultBody) imbottest.Fault { return imbottest.SlowBefore(f.wait()) },
	"slow_after":   func(f faultBody) imbottest.Fault { return imbottest.SlowAfter(f.wait()) },
	"html":         func(f faultBody) imbottest.Fault { return imbottest.HTML(f.Status) },
	"html_after":   func(f faultBody) imbottest.Fault { return imbottest.HTMLAfter(f.Status) },
	"truncate":     func(f faultBody) imbottest.Fault { return imbottest.Truncate(f.Bytes) },
	"wrong_length": func(faultBody) imbottest.Fault { return imbottest.WrongLength() },
	"cut_json":     func(f faultBody) imbottest.Fault { return imbottest.CutJSON(f.Bytes) },
	"redirect":     func(f faultBody) imbottest.Fault { return imbottest.RedirectTo(f.Location) },
	"inside_200":   func(f faultBody) imbottest.Fault { return imbottest.Inside200(f.Code, f.Description) },
}

// check tells of fields that a kind of fault does not do without, or knows nothing of: such a fault would do nothing, and
// the test that asks for it would prove nothing.
func (f faultBody) check() error {
	for _, field := range []struct {
		name    string
		kinds   string // that have it
		isGiven bool
		isRight bool // for these
		want    string
	}{
		{"status", "html html_after", f.Status != 0, f.Status != 0, "a status from 200 to 599"},
		{"seconds", "slow_before slow_after", f.Seconds != 0, f.Seconds > 0 && f.Seconds <= mostSeconds, "seconds, up to 86400"},
		{"bytes", "truncate cut_json", f.Bytes != 0, f.Bytes >= 0, "a number of bytes"},
		{"location", "redirect", f.Location != "", f.Location != "", "a location"},
		{"code", "inside_200", f.Code != "", f.Code != "", "a code"},
		{"description", "inside_200", f.Description != "", true, "a description"},
	} {
		hasIt := slices.Contains(strings.Fields(field.kinds), f.Kind)
		switch {
		case field.isGiven && !hasIt:
			return badf("%s has no %s", f.Kind, field.name)
		case hasIt && !field.isRight:
			return badf("%s: want %s", f.Kind, field.want)
		}
	}
	return nil
}

// mostSeconds is a day.
const mostSeconds = 86400

// ofOAuth stands for the requests for tokens, among the names of methods.
const ofOAuth = "oauth/token"

func addFaults(p *imbottest.Portal, r *http.Request) (any, error) {
	body, err := read[struct {
		Method string      `json:"method"` // or [ofOAuth]
		Faults []faultBody `json:"faults"`
	}](r)
	if err != nil {
		return nil, err
	}
	if body.Method == "" || len(body.Faults) == 0 {
		return nil, badf("want a method and faults")
	}
	var queue []imbottest.Fault
	for _, wanted := range body.Faults {
		build, known := kinds[wanted.Kind]
		if !known {
			return nil, badf("there is no kind %q: want one of %s", wanted.Kind, strings.Join(names(kinds), ", "))
		}
		if err := wanted.check(); err != nil {
			return nil, err
		}
		fault := build(wanted)
		if wanted.Optional {
			fault = fault.Optional()
		}
		queue = append(queue, fault)
	}
	if strings.EqualFold(body.Method, ofOAuth) {
		p.FaultTokens(queue...)
	} else {
		p.Fault(body.Method, queue...)
	}
	return nil, nil //nolint:nilnil // nothing to tell
}

func names[T any](of map[string]T) []string {
	var list []string
	for name := range of {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

// answerBody is a prepared answer: a result, an error, or exactly this body.
type answerBody struct {
	Result      json.RawMessage `json:"result"`
	Status      int             `json:"status"` // of an error or a raw body; 0: 400, or 200 for a raw body
	Error       string          `json:"error"`
	Description string          `json:"description"`
	Raw         *string         `json:"raw"`
	ContentType string          `json:"content_type"` // of a raw body
	Broken      bool            `json:"broken"`       // no answer, the connection is closed
}

func (a answerBody) answer() (imbottest.Answer, error) {
	status := func(usual int) int {
		if a.Status == 0 {
			return usual
		}
		return a.Status
	}
	forms := 0
	for _, isGiven := range []bool{a.Broken, a.Raw != nil, a.Error != "", a.Result != nil} {
		if isGiven {
			forms++
		}
	}
	switch {
	case forms > 1:
		return imbottest.Answer{}, badf("an answer has one of a result, an error, a raw body and broken")
	case a.Broken:
		return imbottest.Broken(), nil
	case a.Raw != nil:
		return imbottest.Raw(status(http.StatusOK), a.ContentType, *a.Raw), nil
	case a.Error != "":
		return imbottest.Refuse(status(http.StatusBadRequest), a.Error, a.Description), nil
	case a.Result != nil:
		return imbottest.Result(a.Result), nil
	default:
		return imbottest.Answer{}, badf("an answer has a result, an error, a raw body or broken")
	}
}

func setAnswers(p *imbottest.Portal, r *http.Request) (any, error) {
	body, err := read[struct {
		Method  string       `json:"method"`
		Answers []answerBody `json:"answers"` // none takes the method back
	}](r)
	if err != nil {
		return nil, err
	}
	if body.Method == "" {
		return nil, badf("want a method and answers")
	}
	if strings.EqualFold(body.Method, ofOAuth) {
		return nil, badf("requests for tokens have no answers of your choice, but faults, such as inside_200 with the code invalid_grant")
	}
	var answers []imbottest.Answer
	for _, wanted := range body.Answers {
		answer, err := wanted.answer()
		if err != nil {
			return nil, err
		}
		answers = append(answers, answer)
	}
	p.On(body.Method, answers...)
	return nil, nil //nolint:nilnil // nothing to tell
}

func unmet(p *imbottest.Portal, _ *http.Request) (any, error) {
	return map[string]any{"unmet": append([]string{}, p.Unmet()...)}, nil
}
