package imbot

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/seed-a6e4e5a4/imbot/internal/payload"
	"github.com/seed-a6e4e5a4/imbot/internal/phpquery"
)

// command is a call as it stands in a batch.
type command struct {
	call

	// wire returns METHOD?PARAMETERS, and the parameters as JSON. It is a func, so that printing does not reach a CLIENT_ID
	// in them.
	wire   func() (line string, params []byte)
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
	params := call.body.Text
	call.body = payload.Body{}
	return &command{call: call, wire: func() (string, []byte) { return line, params }}, nil
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

// encode returns the request of the batch as JSON. The commands are an object whose labels are no numbers, since PHP
// would make a list of those, in the order in which the portal is to run them. Of what may stand in a command, JSON
// escapes the ampersand alone, as encoding/json does.
func (b *Batch) encode() []byte {
	body := []byte(`{"halt":0,"cmd":{`)
	if b.halt {
		body = []byte(`{"halt":1,"cmd":{`)
	}
	for i, c := range b.commands {
		if i > 0 {
			body = append(body, ',')
		}
		line, _ := c.wire()
		body = append(append(append(body, '"'), labels[i]...), `":"`...)
		body = append(append(body, strings.ReplaceAll(line, "&", `\u0026`)...), '"')
	}
	return append(body, "}}"...)
}
