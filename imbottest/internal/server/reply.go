package server

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/methods"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// Reply is an answer before it goes out, in memory or over a connection.
type Reply struct {
	Status int
	Header http.Header
	Body   []byte
	Length int   // what Content-Length says, if it is not the length of the body
	Cut    error // how the connection ends instead of an answer, as a client in memory sees it
}

const (
	contentTypeJSON = "application/json; charset=utf-8"
	contentTypeHTML = "text/html; charset=UTF-8"
)

// NewReply is a reply of whatever stands before the REST server.
func NewReply(status int, contentType string, body []byte) Reply {
	header := make(http.Header)
	if contentType != "" {
		header.Set("Content-Type", contentType)
	}
	return Reply{Status: status, Header: header, Body: body}
}

// REST is a reply of the REST server, with the headers that each of them has.
func REST(status int, body []byte) Reply {
	rep := NewReply(status, contentTypeJSON, body)
	rep.Header.Set("Access-Control-Allow-Origin", "*")
	rep.Header.Set("Access-Control-Allow-Headers", "origin, content-type, accept")
	rep.Header.Set("X-Content-Type-Options", "nosniff")
	return rep
}

// HTML is a page for people, from a proxy or from the site.
func HTML(status int) Reply {
	title := http.StatusText(status)
	return NewReply(status, contentTypeHTML, []byte("<html><head><title>"+title+"</title></head><body><h1>"+title+"</h1></body></html>\n"))
}

// Redirect is a redirect to a location, which is sent as it is.
func Redirect(location string) Reply {
	rep := HTML(http.StatusFound)
	rep.Header.Set("Location", location)
	return rep
}

// failureReply is the answer of a call that failed. It has no "time".
func (s *Server) failureReply(f *methods.Failure) Reply {
	return REST(f.Status, php.Encode(f.Body(s.config.Documented)))
}

// resultReply is the answer of a call that succeeded.
func (s *Server) resultReply(x *exchange, result any) Reply {
	finish := time.Now()
	envelope := php.New().Set("result", result).Set("time", s.timeBlock(x, finish))
	rep := REST(http.StatusOK, php.Encode(envelope))
	if !s.config.SelfHosted {
		s.addCloudHeaders(rep.Header, x, finish)
	}
	return rep
}

// errorCode reads the code of an answer back, so that the journal has what went over the wire.
func errorCode(body []byte) string {
	var answer struct {
		Error any `json:"error"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return ""
	}
	switch code := answer.Error.(type) {
	case string:
		return code
	case float64:
		return php.StringOf(code)
	}
	return ""
}

// timeBlock returns the "time" of an answer. In the cloud the start is a whole second, though the duration is counted
// from there, so that a call seems to take up to a second longer than it did.
func (s *Server) timeBlock(x *exchange, finish time.Time) *php.Array {
	block := s.clock(x.start, finish)
	if !s.config.SelfHosted {
		used, resetAt := s.budget.counters(s.chargedKey(x), x.start)
		block.Set("operating_reset_at", resetAt).Set("operating", used.Seconds())
	}
	return block
}

// clock is the part of the "time" that says when a call began and ended.
func (s *Server) clock(began, finish time.Time) *php.Array {
	const layout = "2006-01-02T15:04:05-07:00"
	block := php.New()
	if s.config.SelfHosted {
		start := seconds(began)
		block.Set("start", start).Set("finish", seconds(finish)).
			Set("duration", seconds(finish)-start).Set("processing", seconds(finish)-start)
	} else {
		start := began.Unix()
		block.Set("start", start).Set("finish", seconds(finish)).
			Set("duration", seconds(finish)-float64(start)).Set("processing", finish.Unix()-start)
	}
	return block.Set("date_start", began.In(methods.Zone).Format(layout)).Set("date_finish", finish.In(methods.Zone).Format(layout))
}

// seconds is a Unix time as PHP has it: a float with microseconds.
func seconds(t time.Time) float64 { return float64(t.UnixMicro()) / 1e6 }

// addCloudHeaders adds what only the cloud sends: the application and the time that the call has taken.
func (s *Server) addCloudHeaders(header http.Header, x *exchange, finish time.Time) {
	if token, known := s.Store.Token(x.credentials.token); known {
		header.Set("X-Bitrix-Rest-Application", token.App)
	}
	taken := strconv.FormatFloat(finish.Sub(x.start).Seconds(), 'f', 10, 64)
	header.Set("X-Bitrix-Rest-Time", taken)
	header.Set("X-Bitrix-Rest-User-Time", taken)
	header.Set("X-Bitrix-Rest-System-Time", "0.0000000000")
}
