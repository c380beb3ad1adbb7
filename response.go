package imbot

import (
	"encoding/json"
	"time"

	"github.com/seed-a6e4e5a4/imbot/internal/envelope"
	"github.com/seed-a6e4e5a4/imbot/internal/loose"
	"github.com/seed-a6e4e5a4/imbot/internal/operating"
)

// Response is the answer to a call that succeeded.
type Response[T any] struct {
	Result T    // what the method returns
	Time   Time // how long the portal worked on it
}

// Time is what the portal reports of its work on a call, by its own clock. What is missing or unreadable is zero.
type Time struct {
	Start, Finish         time.Time     // in UTC; newer portals cut Start to the second
	Duration, Processing  time.Duration // Finish less Start, and the part of the method itself
	DateStart, DateFinish time.Time     // Start and Finish to the second, in the portal's time zone
	HasOperating          bool          // the portal sent Operating; without it nothing is known of the budget
	Operating             time.Duration // the working time that the method has used up in the last ten minutes
	OperatingResetAt      time.Time     // when the oldest part of that is forgotten
}

// report is what the time says of the working time of the method.
func (t Time) report() operating.Report {
	return operating.Report{Known: t.HasOperating, Used: t.Operating, ResetAt: t.OperatingResetAt, Finish: t.Finish}
}

// parseTime reads the "time" of an answer.
func parseTime(raw json.RawMessage) Time {
	var wire wireTime
	if !envelope.Members(raw, wire.take) {
		wire = decodeTime(raw)
	}
	return Time{
		Start:            wire.Start.Time(),
		Finish:           wire.Finish.Time(),
		Duration:         wire.Duration.Duration(),
		Processing:       wire.Processing.Duration(),
		DateStart:        time.Time(wire.DateStart),
		DateFinish:       time.Time(wire.DateFinish),
		HasOperating:     wire.Operating.IsKnown(),
		Operating:        wire.Operating.Duration(),
		OperatingResetAt: wire.OperatingResetAt.Time(),
	}
}

// wireTime is the "time" of an answer as the portal has it.
type wireTime struct {
	Start            loose.Seconds `json:"start"`
	Finish           loose.Seconds `json:"finish"`
	Duration         loose.Seconds `json:"duration"`
	Processing       loose.Seconds `json:"processing"`
	DateStart        looseDate     `json:"date_start"`
	DateFinish       looseDate     `json:"date_finish"`
	Operating        loose.Seconds `json:"operating"`
	OperatingResetAt loose.Seconds `json:"operating_reset_at"`
}

func (w *wireTime) take(name, value []byte) bool {
	switch string(name) {
	case "start":
		w.Start.Read(value)
	case "finish":
		w.Finish.Read(value)
	case "duration":
		w.Duration.Read(value)
	case "processing":
		w.Processing.Read(value)
	case "date_start":
		w.DateStart.read(value)
	case "date_finish":
		w.DateFinish.read(value)
	case "operating":
		w.Operating.Read(value)
	case "operating_reset_at":
		w.OperatingResetAt.Read(value)
	default:
		return envelope.IsPlain(name)
	}
	return true
}

// decodeTime is the long way, for whatever JSON there is.
func decodeTime(raw json.RawMessage) wireTime {
	var wire wireTime
	if raw == nil || json.Unmarshal(raw, &wire) != nil {
		return wireTime{} // an empty PHP array, say, where an object should be
	}
	return wire
}

// looseDate is a date, or nothing.
type looseDate time.Time

func (d *looseDate) read(data []byte) {
	date, _ := loose.Date(data)
	*d = looseDate(date)
}

// UnmarshalJSON reads the date; it never fails.
func (d *looseDate) UnmarshalJSON(data []byte) error {
	d.read(data)
	return nil
}
