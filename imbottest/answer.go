package imbottest

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// reply is an answer before it goes out, in memory or over a connection.
type reply struct {
	status int
	header http.Header
	body   []byte
	length int   // what Content-Length says, if it is not the length of the body
	cut    error // how the connection ends instead of an answer, as a client in memory sees it
}

const (
	contentTypeJSON = "application/json; charset=utf-8"
	contentTypeHTML = "text/html; charset=UTF-8"
)

// newReply is a reply of whatever stands before the REST server.
func newReply(status int, contentType string, body []byte) reply {
	header := make(http.Header)
	if contentType != "" {
		header.Set("Content-Type", contentType)
	}
	return reply{status: status, header: header, body: body}
}

// restReply is a reply of the REST server, with the headers that each of them has.
func restReply(status int, body []byte) reply {
	rep := newReply(status, contentTypeJSON, body)
	rep.header.Set("Access-Control-Allow-Origin", "*")
	rep.header.Set("Access-Control-Allow-Headers", "origin, content-type, accept")
	rep.header.Set("X-Content-Type-Options", "nosniff")
	return rep
}

// htmlReply is a page for people, from a proxy or from the site.
func htmlReply(status int) reply {
	title := http.StatusText(status)
	return newReply(status, contentTypeHTML, []byte("<html><head><title>"+title+"</title></head><body><h1>"+title+"</h1></body></html>\n"))
}

func redirectReply(location string) reply {
	rep := htmlReply(http.StatusFound)
	rep.header.Set("Location", location)
	return rep
}

// failureReply is the answer of a call that failed. It tells no time.
func (p *Portal) failureReply(f *failure) reply {
	return restReply(f.Status, php.Encode(f.Body(p.config.wire == Documented)))
}

// resultReply is the answer of a call that succeeded.
func (p *Portal) resultReply(x *exchange, result any) reply {
	finish := time.Now()
	envelope := php.New().Set("result", result).Set("time", p.timeBlock(x, finish))
	rep := restReply(http.StatusOK, php.Encode(envelope))
	if !p.config.selfHosted {
		p.addCloudHeaders(rep.header, x, finish)
	}
	return rep
}

// errorCode reads the code of an answer back, so that calls tell what went over the wire, whoever wrote it.
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
