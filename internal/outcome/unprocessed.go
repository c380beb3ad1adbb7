package outcome

import "regexp"

// Unprocessed reports whether err, from net/http's own transport, says that the other side of an HTTP/2 connection has
// not looked at the request: it refused the stream, or went away with a GOAWAY that names an earlier stream as the last
// it has seen to. net/http would send the request again, as often as it takes. Without Request.GetBody it cannot, and
// says why in this text and no other way.
//
// The error of any other transport proves nothing, whatever it says: it may be that of the second of two tries.
func Unprocessed(err error) bool { return unprocessed.MatchString(err.Error()) }

var unprocessed = regexp.MustCompile(`^http2: Transport: cannot retry err \[` +
	`(?:http2: Transport received Server's graceful shutdown GOAWAY|stream error: stream ID \d+; REFUSED_STREAM; received from peer)` +
	`\] after Request\.Body was written; define Request\.GetBody to avoid this error$`)
