package loose

import (
	"encoding/json"
	"math"
	"strconv"
	"time"
)

// Seconds is a number of seconds, plain or quoted, with a fraction.
type Seconds struct {
	seconds float64
	known   bool
}

// farthest is beyond every moment and every span that a portal can mean, in seconds: the end of the year 9999 as Unix
// time. It keeps the conversions below from overflowing.
const farthest = 253402300799

// Read reads the number, and takes anything else for absent.
func (s *Seconds) Read(raw json.RawMessage) {
	if n := len(raw); n >= 2 && raw[0] == '"' {
		raw = raw[1 : n-1]
	}
	seconds, err := strconv.ParseFloat(string(raw), 64)
	if err == nil && math.Abs(seconds) <= farthest { // not for NaN either
		s.seconds, s.known = seconds, true
	}
}

// UnmarshalJSON reads the number; it never fails.
func (s *Seconds) UnmarshalJSON(raw []byte) error {
	s.Read(raw)
	return nil
}

// IsKnown reports whether there was a number.
func (s *Seconds) IsKnown() bool { return s.known }

// Time returns the number as Unix time; zero for 0, and where there was none. A float64 holds today's Unix time to a
// quarter of a microsecond, and PHP's clock has microseconds: rounding to these gives back what the portal meant.
func (s *Seconds) Time() time.Time {
	if !s.known || s.seconds == 0 {
		return time.Time{}
	}
	whole, fraction := math.Modf(s.seconds)
	micros := math.Round(fraction * 1e6)
	return time.Unix(int64(whole), int64(micros)*int64(time.Microsecond)).UTC()
}

// Duration returns the number as a span; zero where there was none, or it is too long for one.
func (s *Seconds) Duration() time.Duration {
	const longest = float64(math.MaxInt64 / int64(time.Second))
	if math.Abs(s.seconds) > longest {
		return 0
	}
	return time.Duration(math.Round(s.seconds * float64(time.Second)))
}
