package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"path"

	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// telling is what may be in no transcript.
var telling = []string{
	"Ivan", "Secretov", "Иван", "ivan@", "person.example", "+7 999", "123456701234567", "770010077001", "881230088123",
	"994120099412", "EXAMPLE_LEAK", "15 March", "Meet me at nine",
	"face.jpg", "leakKey", "LEAKCODE", imbottest.Secret,
}

// leakID is a number that is like no other.
const leakID int64 = 881230088123

var ivan = map[string]any{
	"id": "770010077001", "name": "Ivan Secretov", "firstName": "Ivan", "lastName": "Secretov", "code": "LEAKCODE",
}

// hostile is a portal in whose answers there is more than is documented, and about people.
type hostile struct {
	next  http.RoundTripper
	seen  bytes.Buffer      // what was sent
	fails string            // the method whose answers are errors
	says  map[string]string // the answers of methods, after they have acted
}

func (h *hostile) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	h.seen.Write(body)
	req = req.Clone(req.Context())
	req.Body = io.NopCloser(bytes.NewReader(body))
	resp, err := h.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	switch method := path.Base(req.URL.Path); {
	case method == h.fails:
		return nil, errors.New("Ivan has cut the cable of person.example")
	case h.says[method] != "":
		answer = []byte(h.says[method])
	}
	var value map[string]any
	if json.Unmarshal(answer, &value) == nil {
		bots, isList := value["result"].(map[string]any)
		if isList = isList && path.Base(req.URL.Path) == "imbot.bot.list"; isList {
			bots["770010077001"] = map[string]any{"ID": "770010077001", "NAME": "Ivan", "CODE": "LEAKCODE", "OPENLINE": "N"}
		}
		if answer, err = json.Marshal(tell("", value, isList)); err != nil {
			return nil, err
		}
	}
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(answer)), int64(len(answer))
	resp.Header.Del("Content-Length")
	return resp, nil
}

// tell adds data about people to all of an answer, but for a list with names.
func tell(key string, value any, isList bool) any {
	switch value := value.(type) {
	case map[string]any:
		for key, inner := range value {
			value[key] = tell(key, inner, isList)
		}
		if text, ok := value["error_description"].(string); ok {
			value["error_description"] = text + " Иван Secretov (ivan@person.example)"
			return value
		}
		if key == "" {
			value["leakKeyOfIvan"] = map[string]any{"name": "Ivan", "123456701234567": leakID}
			return value
		}
		if isList && key == "result" {
			return value
		}
		for name, leak := range map[string]any{
			"phones": map[string]any{"workPhone": "+7 999 123456701234567", "123456701234567": "Ivan"},
			"avatar": "https://person.example/face.jpg", "website": "https://person.example/?auth=EXAMPLE_LEAK",
			"auth":          map[string]any{"access_token": "EXAMPLE_LEAK", "application_token": "EXAMPLE_LEAK"},
			"leakKeyOfIvan": []any{"Ivan", 994120099412.5}, "email": "ivan@person.example", "birthday": "15 March",
			"workPosition": "Secretov", "entityData1": "Meet me at nine", "status": "Ivan", "size": leakID,
			"uuid": "EXAMPLE_LEAK",
		} {
			if _, is := value[name]; !is || name != "workPosition" {
				value[name] = leak
			}
		}
		return value
	case []any:
		for i := range value {
			value[i] = tell("list", value[i], isList)
		}
		switch key {
		case "users":
			value = append(value, ivan)
		case "events":
			value = append(value, map[string]any{
				"eventId": leakID, "type": "ONIMBOTV2MESSAGEADD", "date": "1999-03-15T00:00:00+00:00", "data": map[string]any{
					"message": map[string]any{"id": leakID, "authorId": "770010077001", "text": "Meet me at nine"},
					"chat":    map[string]any{"id": leakID, "dialogId": "chat881230088123", "name": "Ivan"},
					"user":    ivan,
				},
			})
		}
		return value
	}
	return value
}
