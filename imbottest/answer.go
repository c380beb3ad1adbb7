package imbottest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"time"
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
	return restReply(f.status, encodePHP(f.body(p.config.wire)))
}

// resultReply is the answer of a call that succeeded.
func (p *Portal) resultReply(x *exchange, result any) reply {
	finish := time.Now()
	envelope := newArray().set("result", result).set("time", p.timeBlock(x, finish))
	rep := restReply(http.StatusOK, encodePHP(envelope))
	if !p.config.selfHosted {
		p.addCloudHeaders(rep.header, x, finish)
	}
	return rep
}

// encodePHP writes an answer. What the portal itself puts into one can always be encoded; what comes from outside was
// encoded before it came here.
func encodePHP(answer *array) []byte {
	body, err := answer.MarshalJSON()
	if err != nil {
		body = []byte(`{"error":"WRONG_ENCODING","error_description":"Wrong request encoding"}`)
	}
	return escapePHP(body)
}

// escapePHP rewrites the texts in a JSON document as the server does: quotes, apostrophes, angle brackets and
// ampersands are hex escapes, slashes have a backslash, and everything beyond ASCII stays as it is.
func escapePHP(document []byte) []byte {
	var out bytes.Buffer
	out.Grow(len(document) + len(document)/8)
	inText := false
	for i := 0; i < len(document); i++ {
		b := document[i]
		switch {
		case b == '"':
			inText = !inText
			out.WriteByte(b)
		case !inText:
			out.WriteByte(b)
		case b == '\\' && document[i+1] == '"':
			out.WriteString(`\u0022`)
			i++
		case b == '\\':
			out.WriteByte(b)
			out.WriteByte(document[i+1])
			i++
		default:
			writeEscaped(&out, b)
		}
	}
	return out.Bytes()
}

func writeEscaped(out *bytes.Buffer, b byte) {
	switch b {
	case '/':
		out.WriteString(`\/`)
	case '<':
		out.WriteString(`\u003C`)
	case '>':
		out.WriteString(`\u003E`)
	case '&':
		out.WriteString(`\u0026`)
	case '\'':
		out.WriteString(`\u0027`)
	default:
		out.WriteByte(b)
	}
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
		return stringOf(code)
	}
	return ""
}
