package envelope

import (
	"encoding/json"
	"errors"
	"regexp"
	"strconv"
)

// Batch is the result of a batch taken apart: what it says of each command, in the order of the labels.
type Batch struct {
	// Items has one entry for each label, an empty one where the answer does not mention it.
	Items []Item
	// Complete tells that results and errors could both be read, so that what neither mentions was not executed.
	Complete bool
}

// Item is what the answer to a batch says of one command.
type Item struct {
	// Result is nil where there is none; the text null is a result.
	Result json.RawMessage
	// Time is nil where there is none.
	Time json.RawMessage
	// Refusal is set where the command has an error, whatever else there is.
	Refusal *Refusal
}

// ErrNotBatch is returned for what is not the result of a batch. It quotes nothing of it.
var ErrNotBatch = errors.New("not the result of a batch")

// ParseBatch takes the result of a batch apart. The portal writes each part of it as PHP does: what is empty is a
// list, what has names is an object, and what has the keys 0, 1, 2, … is a list again.
func ParseBatch(result json.RawMessage, labels []string) (Batch, error) {
	var raw struct {
		Results json.RawMessage `json:"result"`
		Errors  json.RawMessage `json:"result_error"`
		Times   json.RawMessage `json:"result_time"`
	}
	if len(result) == 0 || result[0] != '{' || json.Unmarshal(result, &raw) != nil || raw.Results == nil && raw.Errors == nil {
		return Batch{}, ErrNotBatch
	}
	results, resultsErr := readMembers(raw.Results)
	refusals, refusalsErr := readMembers(raw.Errors)
	times, _ := readMembers(raw.Times) // without times there is nothing to tell of them
	b := Batch{Items: make([]Item, len(labels)), Complete: resultsErr == nil && refusalsErr == nil}
	for i, label := range labels {
		item := Item{Result: results.of(i, label), Time: times.of(i, label)}
		if refused := refusals.of(i, label); refused != nil && !isNull(refused) {
			item.Refusal = refusalOf(refused)
		}
		b.Items[i] = item
	}
	return b, nil
}

// members is a PHP array: one of the two.
type members struct {
	byName  map[string]json.RawMessage
	byIndex []json.RawMessage
}

func readMembers(raw json.RawMessage) (members, error) {
	var m members
	switch {
	case len(raw) == 0:
		return m, ErrNotBatch
	case raw[0] == '[':
		return m, json.Unmarshal(raw, &m.byIndex)
	case raw[0] == '{':
		return m, json.Unmarshal(raw, &m.byName)
	default:
		return m, ErrNotBatch
	}
}

// of returns the member of the command with this place and label, or nil. A portal that knows commands by their places
// writes those, in a list or as names.
func (m members) of(place int, label string) json.RawMessage {
	if m.byIndex != nil {
		if place < len(m.byIndex) {
			return m.byIndex[place]
		}
		return nil
	}
	if member, ok := m.byName[label]; ok {
		return member
	}
	return m.byName[strconv.Itoa(place)]
}

// bareCode is a text that is a code and nothing more.
var bareCode = regexp.MustCompile(`^[A-Za-z0-9_.]+$`)

// refusalOf reads the error of one command: an object as at the top of an answer, or a text alone.
func refusalOf(raw json.RawMessage) *Refusal {
	var wire struct {
		Error       json.RawMessage `json:"error"`
		Description json.RawMessage `json:"error_description"`
	}
	if raw[0] == '{' && json.Unmarshal(raw, &wire) == nil && (wire.Error != nil || wire.Description != nil) {
		if wire.Error == nil {
			return &Refusal{Description: text(wire.Description)}
		}
		return refusal(wire.Error, wire.Description)
	}
	r := refusal(raw, nil)
	if r.Description == "" && !bareCode.MatchString(r.Code) {
		return &Refusal{Description: r.Code}
	}
	return r
}
