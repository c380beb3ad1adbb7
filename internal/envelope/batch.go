package envelope

import (
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strconv"
)

// Batch is the result of a batch taken apart: what it says of each command, in the order of the labels.
type Batch struct {
	// Items has one entry for each label.
	Items []Item
	// Complete tells that results and errors could both be read, so that a command that neither mentions has neither.
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
	// Tried tells that something in the answer shows that the portal came to the command: a result, an error, a time, a
	// total or a next of its own, or of a command after it, as the portal takes them one after the other. What has a
	// label that is none of the batch's shows the same of all commands.
	Tried bool
	// Contradicts is set where the command has both an error and a result with something in it, or one of them twice
	// and not the same.
	Contradicts bool
}

// ErrNotBatch is returned for what is not the result of a batch. It quotes nothing of it.
var ErrNotBatch = errors.New("not the result of a batch")

// ParseBatch takes the result of a batch apart. The portal writes each part of it as PHP does: what is empty is a
// list, what has names is an object, and what has the keys 0, 1, 2, … is a list again. What stands in the result twice,
// and not the same, makes the whole of it unreadable: an error might hide in the other.
func ParseBatch(result json.RawMessage, labels []string) (Batch, error) {
	var results, refusals, totals, nexts, times once
	if len(result) == 0 || !Members(result, func(name, value []byte) bool {
		switch known(name, "result", "result_error", "result_total", "result_next", "result_time") {
		case "result":
			results.set(value)
		case "result_error":
			refusals.set(value)
		case "result_total":
			totals.set(value)
		case "result_next":
			nexts.set(value)
		case "result_time":
			times.set(value)
		}
		return true
	}) || results.differs || refusals.differs || results.value == nil && refusals.value == nil {
		return Batch{}, ErrNotBatch
	}
	r := batchReader{labels: labels, said: make([]saidOf, len(labels))}
	haveResults := r.read(results.value, func(said *saidOf) *once { return &said.result })
	haveRefusals := r.read(refusals.value, func(said *saidOf) *once { return &said.refusal })
	r.read(times.value, func(said *saidOf) *once { return &said.time }) // without times nothing is said about them
	r.read(totals.value, func(*saidOf) *once { return nil })
	r.read(nexts.value, func(*saidOf) *once { return nil })
	b := Batch{Items: make([]Item, len(labels)), Complete: haveResults && haveRefusals}
	for i := range r.said {
		b.Items[i] = r.said[i].item()
		b.Items[i].Tried = i < r.tried
	}
	return b, nil
}

// batchReader collects what the parts of the answer say.
type batchReader struct {
	labels []string
	said   []saidOf
	tried  int // how many commands were tried, as far as the answer shows
}

// saidOf is what the answer says of one command.
type saidOf struct{ result, refusal, time once }

// read reads a part of the answer, in which each member is about the command with its label or, as some portals know
// commands by their places, its place. It reports false where there is no such part.
func (r *batchReader) read(part json.RawMessage, of func(*saidOf) *once) bool {
	if len(part) == 0 {
		return false
	}
	return Elements(part, func(place int, label string, value []byte) bool {
		if part[0] == '{' {
			place = r.placeOf(label, place)
		}
		if place < 0 || place >= len(r.labels) {
			r.tried = len(r.labels)
			return true
		}
		r.tried = max(r.tried, place+1)
		if into := of(&r.said[place]); into != nil {
			into.set(value)
		}
		return true
	})
}

// placeOf returns the place of the command with a label, which is likely to be a given one, or -1.
func (r *batchReader) placeOf(label string, likely int) int {
	if likely < len(r.labels) && r.labels[likely] == label {
		return likely
	}
	if place := slices.Index(r.labels, label); place >= 0 {
		return place
	}
	place, err := strconv.Atoi(label)
	if err != nil || strconv.Itoa(place) != label {
		return -1
	}
	return place
}

func (s *saidOf) item() Item {
	item := Item{Result: s.result.value, Time: s.time.value, Contradicts: s.result.differs}
	if s.refusal.differs {
		item.Refusal = &Refusal{differs: true}
	} else if s.refusal.value != nil && !isNull(s.refusal.value) {
		item.Refusal = refusalOf(s.refusal.value)
	}
	if item.Refusal != nil {
		item.Contradicts = s.result.differs || HasData(item.Result) || item.Refusal.differs
	}
	return item
}

// bareCode is a text that is a code and nothing more.
var bareCode = regexp.MustCompile(`^[A-Za-z0-9_.]+$`)

// refusalOf reads the error of one command: an object as at the top of an answer, or a text alone.
func refusalOf(raw json.RawMessage) *Refusal {
	var code, description once
	if raw[0] == '{' {
		Members(raw, func(name, value []byte) bool {
			switch known(name, "error", "error_description") {
			case "error":
				code.set(value)
			case "error_description":
				description.set(value)
			}
			return true
		})
		if code.differs || code.value != nil || description.differs || description.value != nil {
			return refusal(&code, description.value)
		}
	}
	r := refusal(&once{value: raw}, nil)
	if r.Description == "" && !bareCode.MatchString(r.Code) {
		return &Refusal{Description: r.Code, Details: r.Details}
	}
	return r
}
