package imbot

import (
	"cmp"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/seed-a6e4e5a4/imbot/internal/payload"
	"github.com/seed-a6e4e5a4/imbot/internal/phpquery"
)

// command is a call as it stands in a batch.
type command struct {
	call

	line   func() string             // METHOD?PARAMETERS; a func, so that printing does not reach a CLIENT_ID in it
	settle func(answer, error) error // returns what the call ended with

	trace *trace // nil where nobody wants to know of calls
}

// end settles a call, and remembers how it ended for those who want to know. It may be called again.
func (c *command) end(got answer, err error) error {
	err = c.settle(got, err)
	if c.trace != nil {
		c.trace.last = CallResult{Err: err, HasOperating: got.time.HasOperating, Operating: got.time.Operating}
	}
	return err
}

// command checks and encodes a request for a batch. It is what a call by itself would send, in other letters.
func (m Method[Req, Res]) command(c *Client, req Req) (*command, error) {
	if notInBatch(m.Name) {
		return nil, &ParamError{Method: m.Name, Param: "Method.Name", Err: ErrBatchMethodNotAllowed}
	}
	call, err := m.prepare(c, req)
	if err != nil {
		return nil, err
	}
	line, err := call.commandLine()
	if err != nil {
		return nil, err
	}
	call.secrets, call.body = call.hidden(nil), payload.Body{}
	return &command{call: call, line: func() string { return line }}, nil
}

var errFileInBatch = errors.New("cannot stand in a batch: it has a file, whose text a command has no room for")

func notInBatch(method string) bool {
	return slices.ContainsFunc([]string{"batch", "download", "upload"}, func(name string) bool { return strings.EqualFold(name, method) })
}

// commandLine returns the method and its parameters as a command.
func (c *call) commandLine() (string, error) {
	if len(c.body.Parts) > 0 {
		return "", &ParamError{Method: c.method, Param: "request", Err: errFileInBatch}
	}
	query, problem := phpquery.Read(c.body.Text, c.boolText)
	if problem != nil {
		return "", &ParamError{Method: c.method, Param: cmp.Or(problem.Param, "request"), Err: errors.New("cannot stand in a batch: it " + problem.Text)}
	}
	for _, param := range query {
		if hasReference(param.Name) || hasReference(param.Value) {
			return "", &ParamError{Method: c.method, Param: param.Name, Err: errReference}
		}
	}
	if len(query) == 0 {
		return c.method, nil
	}
	return c.method + "?" + query.Encode(), nil
}

// boolText writes a boolean for the methods that read booleans from texts. They read Y and N, except for
// withUserEvents: there any text but "" and "0" is true, as always in PHP.
func (c *call) boolText(param string, value bool) (string, bool) {
	yes, no := "Y", "N"
	if param == "withUserEvents" {
		yes, no = "1", "0"
	}
	if !value {
		yes = no
	}
	return yes, hasPrefixFold(c.method, botMethodsV2) || hasPrefixFold(c.method, "im.v2.")
}

// references is what the portal takes for the beginning of a reference to the result of another command, wherever it
// stands, in any case of letters.
var references = []string{"$result[", "$error[", "$total[", "$next[", "$time["}

var errReference = errors.New("has text like $result[…], in whose place the portal would put the result of another command; there is no way to escape it, so call the method outside a batch")

func hasReference(text string) bool {
	for {
		at := strings.IndexByte(text, '$')
		if at < 0 {
			return false
		}
		text = text[at:]
		if slices.ContainsFunc(references, func(start string) bool { return hasPrefixFold(text, start) }) {
			return true
		}
		text = text[1:]
	}
}

// commandLines are the commands of a batch on the wire: an object whose labels are no numbers, since PHP would make a
// list of those, in the order in which the portal is to run them.
type commandLines []*command

// MarshalJSON implements json.Marshaler.
func (lines commandLines) MarshalJSON() ([]byte, error) {
	body := []byte{'{'}
	for i, c := range lines {
		line, err := json.Marshal(c.line())
		if err != nil {
			return nil, err
		}
		if i > 0 {
			body = append(body, ',')
		}
		body = append(body, '"')
		body = append(body, labels[i]...)
		body = append(body, '"', ':')
		body = append(body, line...)
	}
	return append(body, '}'), nil
}
