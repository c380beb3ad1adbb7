package imbot

import (
	"encoding/json"
	"math"
	"strconv"
	"time"

	"github.com/seed-a6e4e5a4/imbot/internal/envelope"
)

// Response is the answer to a call that succeeded.
type Response[T any] struct {
	// Result is what the method returns.
	Result T
	// Time is how long the portal worked on the call.
	Time Time
}

// Time is what the portal tells about its work on a call. All of it is optional: what an answer leaves out, or has
// in a form that nobody has described, is zero here and never an error.
type Time struct {
	// Start and Finish are when the portal began and ended, by its own clock, in UTC. Newer portals cut Start to the
	// second, so that Duration may be too long by up to one.
	Start, Finish time.Time
	// Duration is Finish less Start. Processing is the part that the method itself took; newer portals cut it to
	// whole seconds.
	Duration, Processing time.Duration
	// DateStart and DateFinish are Start and Finish to the second, with the offset of the portal's time zone.
	DateStart, DateFinish time.Time
	// HasOperating tells whether the portal sent Operating. Where it is false nothing is known of the budget:
	// portals on their owners' servers keep none by default.
	HasOperating bool
	// Operating is how much working time this method has used up in the last ten minutes.
	Operating time.Duration
	// OperatingResetAt is when the oldest part of Operating is forgotten; zero if not sent.
	OperatingResetAt time.Time
}

// parseTime reads the "time" of an answer.
func parseTime(raw json.RawMessage) Time {
	var wire wireTime
	if !envelope.Members(raw, wire.take) {
		wire = decodeTime(raw)
	}
	return Time{
		Start:            wire.Start.time(),
		Finish:           wire.Finish.time(),
		Duration:         wire.Duration.duration(),
		Processing:       wire.Processing.duration(),
		DateStart:        wire.DateStart.Time,
		DateFinish:       wire.DateFinish.Time,
		HasOperating:     wire.Operating.known,
		Operating:        wire.Operating.duration(),
		OperatingResetAt: wire.OperatingResetAt.time(),
	}
}

// wireTime is the "time" of an answer as the portal has it.
type wireTime struct {
	Start            looseNumber `json:"start"`
	Finish           looseNumber `json:"finish"`
	Duration         looseNumber `json:"duration"`
	Processing       looseNumber `json:"processing"`
	DateStart        looseDate   `json:"date_start"`
	DateFinish       looseDate   `json:"date_finish"`
	Operating        looseNumber `json:"operating"`
	OperatingResetAt looseNumber `json:"operating_reset_at"`
}

func (w *wireTime) take(name, value []byte) bool {
	switch string(name) {
	case "start":
		w.Start.read(value)
	case "finish":
		w.Finish.read(value)
	case "duration":
		w.Duration.read(value)
	case "processing":
		w.Processing.read(value)
	case "date_start":
		w.DateStart.read(value)
	case "date_finish":
		w.DateFinish.read(value)
	case "operating":
		w.Operating.read(value)
	case "operating_reset_at":
		w.OperatingResetAt.read(value)
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

// looseNumber reads a number of seconds, plain or quoted, and takes anything else for absent.
type looseNumber struct {
	seconds float64
	known   bool
}

// farthest is beyond every moment and every span that a portal can mean, in seconds: the end of the year 9999 as
// Unix time. It keeps the conversions below from overflowing.
const farthest = 253402300799

// UnmarshalJSON never fails.
func (n *looseNumber) UnmarshalJSON(data []byte) error {
	n.read(data)
	return nil
}

func (n *looseNumber) read(data []byte) {
	if n := len(data); n >= 2 && data[0] == '"' {
		data = data[1 : n-1]
	}
	seconds, err := strconv.ParseFloat(string(data), 64)
	if err == nil && math.Abs(seconds) <= farthest { // not for NaN either
		n.seconds, n.known = seconds, true
	}
}

// time reads the number as Unix time. A float64 holds today's Unix time to a quarter of a microsecond, and PHP's
// clock has microseconds: rounding to these gives back what the portal meant.
func (n *looseNumber) time() time.Time {
	if !n.known || n.seconds == 0 {
		return time.Time{}
	}
	whole, fraction := math.Modf(n.seconds)
	micros := math.Round(fraction * 1e6)
	return time.Unix(int64(whole), int64(micros)*int64(time.Microsecond)).UTC()
}

func (n *looseNumber) duration() time.Duration {
	const longest = float64(math.MaxInt64 / int64(time.Second))
	if math.Abs(n.seconds) > longest {
		return 0
	}
	return time.Duration(math.Round(n.seconds * float64(time.Second)))
}

// looseDate reads a date of ISO 8601 and takes anything else for absent.
type looseDate struct{ time.Time }

// UnmarshalJSON never fails.
func (d *looseDate) UnmarshalJSON(data []byte) error {
	d.read(data)
	return nil
}

func (d *looseDate) read(data []byte) {
	if n := len(data); n > 2 && data[0] == '"' {
		if t, err := time.Parse(time.RFC3339, string(data[1:n-1])); err == nil {
			d.Time = t
		}
	}
}
