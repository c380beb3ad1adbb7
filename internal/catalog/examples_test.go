package catalog_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// fillFile reads a file, which some examples only hint at.
func fillFile(file *imbot.FileContent, data json.RawMessage) error {
	text := []byte("a file")
	if read := []byte(nil); json.Unmarshal(data, &read) == nil {
		text = read
	}
	*file = imbot.NewFileContent(bytes.NewReader(text), int64(len(text)))
	return nil
}

// picture returns the smallest picture that there is.
func picture() []byte {
	var file bytes.Buffer
	_ = png.Encode(&file, image.NewGray(image.Rect(0, 0, 1, 1)))
	return file.Bytes()
}

// meantRequests are examples that requests are sent otherwise than.
var meantRequests = exceptions{
	"imbot.command.answer: ATTACH": "the example writes a delimiter as true, and the page of attachments as an object",
}

// meantAnswers are examples of answers of which a part is not read.
var meantAnswers = exceptions{
	"imbot.dialog.get has names of its own": "portals write them in two ways; its own tests read both",
}

// TestExamples sends each documented example, and reads its documented answer.
func TestExamples(t *testing.T) {
	t.Parallel()
	var requests, answers []string
	for _, m := range read(t).Methods {
		h, isHeld := methodNamed(m.Name)
		if !isHeld {
			continue
		}
		req, err := fill(h.req, m.ExampleRequest)
		require.NoError(t, err, m.Name)
		var token string
		if asked := struct {
			ClientID string `json:"CLIENT_ID"`
			BotToken string `json:"botToken"`
		}{}; json.Unmarshal(m.ExampleRequest, &asked) == nil {
			token = asked.ClientID + asked.BotToken
		}
		portal := imbottest.NewPortal(t)
		portal.On(m.Name, imbottest.Raw(http.StatusOK, "application/json", string(m.ExampleResponse)))
		got, err := h.call(t.Context(), portal.Client().As(token), req)
		if err != nil {
			answers = append(answers, fmt.Sprintf("%s: %v", m.Name, err))
		} else {
			var response struct{ Result any }
			require.NoError(t, json.Unmarshal(m.ExampleResponse, &response))
			answers = append(answers, compareValue(m.Name, got, response.Result)...)
		}
		if calls := portal.Calls(); len(calls) == 1 {
			requests = append(requests, compareSent(t, m, calls[0].Body)...)
		}
	}
	meantRequests.check(t, requests)
	meantAnswers.check(t, answers)
}

// compareSent names the parameters that were sent otherwise than the example has them.
func compareSent(t *testing.T, m documented, body []byte) (differences []string) {
	t.Helper()
	var sent, want map[string]any
	require.NoError(t, json.Unmarshal(body, &sent), m.Name)
	if len(m.ExampleRequest) > 0 {
		require.NoError(t, json.Unmarshal(m.ExampleRequest, &want), m.Name)
	}
	sent, _ = oneForm(sent).(map[string]any)
	want, _ = oneForm(want).(map[string]any)
	all := maps.Clone(sent)
	maps.Copy(all, want)
	for name := range all {
		if !reflect.DeepEqual(want[name], sent[name]) {
			differences = append(differences, m.Name+": "+name)
		}
	}
	return differences
}

// oneForm returns JSON with one form of what has two: a bare list of buttons, blocks or items stands for the object with
// that list, and a file or picture for any other, as examples only hint at them.
func oneForm(value any) any {
	switch value := value.(type) {
	case map[string]any:
		object := make(map[string]any, len(value))
		for key, element := range value {
			name := map[string]string{"KEYBOARD": "BUTTONS", "ATTACH": "BLOCKS", "MENU": "ITEMS"}[strings.ToUpper(key)]
			if list, isBare := element.([]any); isBare && name != "" {
				element = map[string]any{name: list}
			}
			if text, isText := element.(string); isText && (key == "content" || key == "AVATAR") && text != "" {
				element = "a file"
			}
			object[key] = oneForm(element)
		}
		return object
	case []any:
		list := make([]any, len(value))
		for i, element := range value {
			list[i] = oneForm(element)
		}
		return list
	default:
		return value
	}
}

// compareValue names what an answer has and a value has not.
func compareValue(path string, v reflect.Value, answer any) (differences []string) {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() {
			if isNothing(answer) {
				return nil
			}
			return []string{path + " was not read"}
		}
		v = v.Elem()
	}
	switch answer := answer.(type) {
	case map[string]any:
		return compareObject(path, v, answer)
	case []any:
		if isJSON(v.Type()) {
			return compareText(path, v, answer)
		}
		if v.Kind() != reflect.Slice || v.Len() != len(answer) {
			if len(answer) == 0 {
				return nil
			}
			return []string{path + " was not read"}
		}
		for i, element := range answer {
			differences = append(differences, compareValue(fmt.Sprintf("%s[%d]", path, i), v.Index(i), element)...)
		}
		return differences
	default:
		return compareText(path, v, answer)
	}
}

func compareObject(path string, v reflect.Value, answer map[string]any) (differences []string) {
	fields := fieldsOf(v.Type())
	switch {
	case isJSON(v.Type()):
		return compareText(path, v, answer)
	case v.Kind() == reflect.Struct && len(fields) == 0:
		return []string{path + " has names of its own"}
	case v.Kind() == reflect.Slice: // of objects that were the values of an object
		elements := slices.Collect(maps.Values(answer))
		if len(elements) != v.Len() {
			return []string{path + " was not read"}
		}
		slices.SortFunc(elements, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		return compareValue(path, v, elements)
	case v.Kind() == reflect.Bool && len(answer) == 1: // the result of a result
		return compareText(path, v, answer["result"])
	case v.Kind() == reflect.Map:
		for key, value := range answer {
			element := v.MapIndex(reflect.ValueOf(key).Convert(v.Type().Key()))
			if !element.IsValid() {
				differences = append(differences, path+"."+key+" was not read")
				continue
			}
			differences = append(differences, compareValue(path+"."+key, element, value)...)
		}
		return differences
	}
	for _, key := range slices.Sorted(maps.Keys(answer)) {
		field, isThere := fields[key]
		if !isThere {
			if !isNothing(answer[key]) {
				differences = append(differences, path+"."+key+" was not read")
			}
			continue
		}
		differences = append(differences, compareValue(path+"."+key, v.FieldByIndex(field.index), answer[key])...)
	}
	return differences
}

// isNothing reports whether a part of an answer says nothing.
func isNothing(answer any) bool {
	switch answer := answer.(type) {
	case nil:
		return true
	case bool:
		return !answer
	case string:
		return answer == "" || answer == "{}" // an object in a text
	case float64:
		return answer == 0
	case []any:
		return len(answer) == 0
	case map[string]any:
		return len(answer) == 0
	default:
		return false
	}
}

// compareText compares what is no list and no object, whichever way it is written.
func compareText(path string, v reflect.Value, answer any) []string {
	if isNothing(answer) && v.IsZero() {
		return nil
	}
	if v.Kind() == reflect.Struct && v.NumField() == 1 {
		v = v.Field(0)
	}
	want, err := json.Marshal(answer)
	if err != nil {
		return []string{path + ": " + err.Error()}
	}
	if isJSON(v.Type()) {
		var got any
		if json.Unmarshal(v.Bytes(), &got) == nil && reflect.DeepEqual(got, answer) {
			return nil
		}
		return []string{fmt.Sprintf("%s: read %s of %s", path, v.Bytes(), want)}
	}
	got := textOf(v)
	text, isText := answer.(string)
	if !isText {
		text = string(want)
	}
	if got == text || strings.EqualFold(got, text) || got == "true" && (text == "Y" || text == "1") || got == "false" && (text == "N" || text == "0") {
		return nil
	}
	if at, isTime := v.Interface().(time.Time); isTime {
		if wanted, err := time.Parse(time.RFC3339, text); err == nil && at.Equal(wanted) {
			return nil
		}
	}
	return []string{fmt.Sprintf("%s: read %s of %s", path, got, want)}
}

// textOf is a value as text, also where it hides itself.
func textOf(v reflect.Value) string {
	switch v.Kind() {
	case reflect.String:
		return v.String()
	case reflect.Int, reflect.Int64:
		return strconv.FormatInt(v.Int(), 10)
	case reflect.Bool:
		return strconv.FormatBool(v.Bool())
	default:
		return fmt.Sprint(v.Interface())
	}
}
