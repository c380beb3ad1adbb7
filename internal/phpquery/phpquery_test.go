package phpquery_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/internal/phpform"
	"github.com/seed-a6e4e5a4/imbot/internal/phpquery"
)

// yesNo writes every boolean but those of a parameter.
func yesNo(param string, value bool) (string, bool) {
	return map[bool]string{true: "Y", false: "N"}[value], param != "never"
}

func TestRead(t *testing.T) {
	t.Parallel()
	tests := []struct{ json, want string }{
		{`{}`, ""},
		{" {\n} ", ""},
		{`{"CHAT_ID":13,"USERS":[7,9],"FIELDS":{"color":"RED"}}`, "CHAT_ID=13&USERS%5B0%5D=7&USERS%5B1%5D=9&FIELDS%5Bcolor%5D=RED"},
		{` { "b" : 1 , "a" : [ 1.0e+3 , [ -2 ] ] } `, "b=1&a%5B0%5D=1.0e%2B3&a%5B1%5D%5B0%5D=-2"},
		{`{"a":"x y+z&=%\"\\\u0000\n","й":""}`, "a=x+y%2Bz%26%3D%25%22%5C%00%0A&%D0%B9="},
		{`{"a":true,"b":[false]}`, "a=Y&b%5B0%5D=N"},
		{`{"a":1,"b":2,"a":{"c":[]},"\u0061":{"d":3}}`, "a%5Bd%5D=3&b=2"},
		{`{"a":"\ud83d\ude00","b":"\\ud83d"}`, "a=%F0%9F%98%80&b=%5Cud83d"},
		{`{"a":{"]":[{},"}"],"\"":1},"a":5}`, "a=5"},
	}
	for _, tt := range tests {
		t.Run(tt.json, func(t *testing.T) {
			t.Parallel()
			query, problem := phpquery.Read([]byte(tt.json), yesNo)
			require.Nil(t, problem)
			assert.Equal(t, tt.want, query.Encode())
		})
	}
}

func TestRead_problems(t *testing.T) {
	t.Parallel()
	tests := []struct{ json, param, problem string }{
		{``, "", "is not a JSON object"},
		{` `, "", "is not a JSON object"},
		{`[1]`, "", "is not a JSON object"},
		{`null`, "", "is not a JSON object"},
		{`{"a":1`, "", "is not a JSON object"},
		{`{"a":1} {}`, "", "is not a JSON object"},
		{"{\"a\":\"\xff\"}", "", "is not a JSON object"},
		{`{"a":"\ud83d"}`, "", "is not a JSON object"},
		{`{"a":"\ud83d","a":1}`, "", "is not a JSON object"},
		{`{"a":"\ud83d\u0041"}`, "", "is not a JSON object"},
		{`{"a":null}`, "a", "is null"},
		{`{"a":[{"b":null}]}`, "a[0][b]", "is null"},
		{`{"a":[[ ]]}`, "a[0]", "is empty"},
		{`{"a":{ }}`, "a", "is empty"},
		{`{"never":true}`, "never", "is true or false"},
		{`{"a.b":1}`, "a.b", "has a name"},
		{`{"a":{"b]":1}}`, "a[b]]", "has a name"},
		{`{"a":[` + strings.Repeat("1,", 1000) + `1]}`, "", "1000"},
		{`{"a":` + strings.Repeat("[", 65) + "1" + strings.Repeat("]", 65) + `}`, "", "64"},
	}
	for _, tt := range tests {
		t.Run(tt.json[:min(len(tt.json), 30)], func(t *testing.T) {
			t.Parallel()
			query, problem := phpquery.Read([]byte(tt.json), yesNo)
			assert.Empty(t, query)
			require.NotNil(t, problem)
			assert.Equal(t, tt.param, problem.Param)
			assert.Contains(t, problem.Text, tt.problem)
		})
	}
}

// FuzzRead expects that PHP reads the same from a query as from the JSON that it was made of.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		`{"CHAT_ID":13,"USERS":[7,9],"FIELDS":{"color":"RED"}}`, `{"a":{"0":1,"":2},"b":[[],{}]}`, `{"a":"\ud83d\ude00\ufffd\\\"","\u0061":1e3}`,
		` { "a b" : [ true , null ] } `, `{"a":{" ":1,"]":2,"[":3},"a[b]":4,"x.y":5}`, "{\"a\x00\":\"\xff\"}", `{"$result":{"x":"$error[y]"}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, object []byte) {
		query, problem := phpquery.Read(object, yesNo)
		if problem != nil {
			if query != nil || problem.Text == "" {
				t.Fatalf("%v beside %v", problem, query)
			}
			return
		}
		decoder := json.NewDecoder(bytes.NewReader(object))
		decoder.UseNumber()
		var sent map[string]any
		if err := decoder.Decode(&sent); err != nil {
			t.Fatal(err)
		}
		form, err := phpform.Parse(query.Encode(), phpform.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if want, got := asTexts(sent), arrayOf(form); !reflect.DeepEqual(want, got) {
			t.Errorf("%s\nwant %v\ngot  %v", query.Encode(), want, got)
		}
	})
}

// asTexts makes of JSON what PHP makes of a query: arrays and texts.
func asTexts(value any) any {
	array := map[string]any{}
	switch value := value.(type) {
	case []any:
		for i, element := range value {
			array[strconv.Itoa(i)] = asTexts(element)
		}
	case map[string]any:
		for key, member := range value {
			array[key] = asTexts(member)
		}
	case bool:
		return map[bool]string{true: "Y", false: "N"}[value]
	default:
		return fmt.Sprint(value)
	}
	return array
}

func arrayOf(form *phpform.Array) any {
	array := map[string]any{}
	for key, value := range form.All() {
		if text, isText := value.Text(); isText {
			array[key] = text
		} else {
			array[key] = arrayOf(value.Array())
		}
	}
	return array
}
