package imbot

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"strconv"
	"sync"

	"github.com/seed-a6e4e5a4/imbot/internal/payload"
)

// FileContent is a file to be sent, which a request has as base64. A call reads it while it is sent, and holds a small
// piece of it in memory, if it is a field of the request, or of structs, pointers, slices and arrays in it. Anywhere
// else, as in a map or an interface, its whole text is made in memory first, as [json.Marshal] does. The zero value is
// no file, and an empty text in a request. Printed, it shows its size.
//
// A file is read anew for each request that a call makes, and no more when the call has returned: the end of its
// context ends a call, but not a ReadAt that does not return. The timeout of [WithHTTPClient] counts from the last piece
// of a file that was sent, so that it ends no request that gets on.
//
// The call fails with an error of ReadAt, or with [io.ErrUnexpectedEOF] where the file is shorter than its size. The last
// byte is read first: if that fails, nothing was sent. After that the error matches [ErrOutcomeUnknown] too: the portal
// got half a request, and though nobody is meant to act on that, it is not known that nobody does.
//
// A [Batch] takes no files.
type FileContent struct {
	readAt func(p []byte, off int64) (int, error) // a func, so that printing does not reach what it reads
	size   int64
	mark   string // instead of the base64; set in copies alone
}

// NewFileContent returns the first size bytes of r as a file to be sent. The file has to stay open and as it is until the
// call has returned. r is read by one goroutine at a time, unless middleware makes several requests of one.
func NewFileContent(r io.ReaderAt, size int64) FileContent {
	if r == nil {
		return FileContent{size: size}
	}
	return FileContent{readAt: r.ReadAt, size: size}
}

// IsZero reports whether there is no file.
func (f FileContent) IsZero() bool { return f.readAt == nil && f.size == 0 }

// Size is how many bytes the file has.
func (f FileContent) Size() int64 { return f.size }

// maxFileSize is more than any portal takes, and little enough to be counted with.
const maxFileSize = 1 << 50

var errNoFile = errors.New("a file has no reader, or a size that no file has")

// MarshalJSON writes the whole file as base64, as it is sent.
func (f FileContent) MarshalJSON() ([]byte, error) {
	switch {
	case f.IsZero():
		return []byte(`""`), nil
	case f.readAt == nil || f.size < 0 || f.size > maxFileSize:
		return nil, &fileError{errNoFile}
	case f.mark != "":
		return []byte(`"` + f.mark + `"`), nil
	}
	body := payload.Body{Text: []byte(`""`), Parts: []payload.Part{f.part(1)}}
	text, err := body.Open()
	if err != nil {
		return nil, &fileError{err}
	}
	var whole bytes.Buffer
	whole.Grow(int(body.Length()) + bytes.MinRead)
	if _, err = whole.ReadFrom(text); err != nil {
		return nil, &fileError{err}
	}
	return whole.Bytes(), nil
}

// fileError is why a request with a file has no JSON.
type fileError struct{ error }

func (e *fileError) Unwrap() error { return e.error }

// part returns the part of a body that is the file.
func (f FileContent) part(at int) payload.Part {
	return payload.File(at, fileReader(f.readAt), f.size)
}

// String tells how large the file is.
func (f FileContent) String() string { return strconv.FormatInt(f.size, 10) + " bytes" }

// Format prints how large the file is, whatever the verb.
func (f FileContent) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, f.String()) }

// LogValue makes a log record of how large the file is.
func (f FileContent) LogValue() slog.Value { return slog.StringValue(f.String()) }

// fileReader is the ReadAt of a caller, whose errors say nothing of the call.
type fileReader func(p []byte, off int64) (int, error)

// ReadAt implements io.ReaderAt.
func (read fileReader) ReadAt(p []byte, off int64) (int, error) {
	n, err := read(p, off)
	if err != nil {
		err = &foreignError{fmt.Errorf("reading the file: %w", err)}
	}
	return n, err
}

// encodeRequest returns a request as JSON, in which its files are parts that are not in memory.
func encodeRequest(req any) (payload.Body, error) {
	body, err := marshalRequest(req)
	switch ofFile, ok := errors.AsType[*fileError](err); {
	case ok:
		return payload.Body{}, fmt.Errorf("a %T does not encode as a JSON object: %w", req, ofFile.error)
	case err == nil && string(body.Text) == "null":
		return payload.Body{Text: []byte("{}")}, nil
	case err != nil || body.Text[0] != '{':
		return payload.Body{}, fmt.Errorf("a %T does not encode as a JSON object", req)
	default:
		return body, nil
	}
}

// marshalRequest encodes a copy of a request that has marks for its files, and cuts the JSON where they stand.
func marshalRequest(req any) (payload.Body, error) {
	if !hasFile(reflect.TypeOf(req)) {
		text, err := json.Marshal(req)
		return payload.Body{Text: text}, err
	}
	marked := copyOf(reflect.ValueOf(req))
	files := markedFiles{prefix: rand.Text(), byNumber: map[string]FileContent{}}
	files.mark(marked, 0)
	text, err := json.Marshal(marked.Interface())
	return files.cut(text), err
}

var (
	fileContentType = reflect.TypeFor[FileContent]()

	knownFiles sync.Map // of a type: whether hasFile
)

// hasFile reports whether there may be a FileContent in values of a type, as far as it is read in pieces there.
func hasFile(t reflect.Type) bool {
	if t == nil {
		return false
	}
	if known, ok := knownFiles.Load(t); ok {
		return known == true
	}
	has := findFile(t, map[reflect.Type]bool{})
	knownFiles.Store(t, has)
	return has
}

func findFile(t reflect.Type, seen map[reflect.Type]bool) bool {
	switch {
	case t == fileContentType:
		return true
	case seen[t]:
		return false
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return findFile(t.Elem(), seen)
	case reflect.Struct:
		for field := range t.Fields() {
			if findFile(field.Type, seen) {
				return true
			}
		}
	default:
	}
	return false
}

// markedFiles are the files of a request by what stands for them in its JSON: a prefix that nobody could foresee, a
// number and a point.
type markedFiles struct {
	prefix   string
	byNumber map[string]FileContent
}

// deepestFile is how deep a file may be nested. A request that contains itself is left to encoding/json to refuse.
const deepestFile = 1000

// mark replaces the files in a value. What the value points to is copied before.
func (m *markedFiles) mark(v reflect.Value, depth int) {
	if depth > deepestFile || !hasFile(v.Type()) {
		return
	}
	if v.Type() == fileContentType {
		m.markFile(v)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			m.mark(v.Field(i), depth+1)
		}
	case reflect.Pointer:
		if !v.IsNil() && v.CanSet() {
			v.Set(copyOf(v.Elem()).Addr())
			m.mark(v.Elem(), depth+1)
		}
	case reflect.Slice:
		if v.IsNil() || !v.CanSet() {
			return
		}
		v.Set(reflect.AppendSlice(reflect.MakeSlice(v.Type(), 0, v.Len()), v))
		fallthrough
	case reflect.Array:
		for i := range v.Len() {
			m.mark(v.Index(i), depth+1)
		}
	default:
	}
}

// markFile replaces a file, unless it is none or in a field that is not exported, which encoding/json does not look at.
func (m *markedFiles) markFile(v reflect.Value) {
	if !v.CanSet() {
		return
	}
	file, _ := reflect.TypeAssert[FileContent](v)
	if file.IsZero() {
		return
	}
	number := strconv.Itoa(len(m.byNumber))
	m.byNumber[number] = file
	file.mark = m.prefix + number + "."
	v.Set(reflect.ValueOf(file))
}

// copyOf returns a copy of a value, which can be set.
func copyOf(v reflect.Value) reflect.Value {
	c := reflect.New(v.Type()).Elem()
	c.Set(v)
	return c
}

// cut takes the marks out of a JSON text, and makes parts of them.
func (m *markedFiles) cut(text []byte) payload.Body {
	var body payload.Body
	for {
		before, after, found := bytes.Cut(text, []byte(m.prefix))
		body.Text = append(body.Text, before...)
		if !found {
			return body
		}
		number, rest, _ := bytes.Cut(after, []byte{'.'})
		body.Parts = append(body.Parts, m.byNumber[string(number)].part(len(body.Text)))
		text = rest
	}
}
