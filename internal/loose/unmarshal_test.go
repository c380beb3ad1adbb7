package loose_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/internal/loose"
)

type (
	id    int64
	name  string
	flag  bool
	small struct {
		ID   id   `json:"id,omitempty"`
		Name name `json:"name"`
	}
	// noun reads itself, as the nouns of other packages do.
	noun struct{ Texts []string }
	// word takes some texts and no others.
	word string
)

var errNoWord = errors.New("not a word")

func (n *noun) UnmarshalJSON(data []byte) error {
	type plain noun
	return loose.Unmarshal(data, (*plain)(n))
}

func (w *word) UnmarshalJSON(data []byte) error {
	if string(data) != `"hello"` {
		return errNoWord
	}
	*w = "hello"
	return nil
}

// all has a member of every kind.
type all struct {
	ID       id                         `json:"id"`
	Tiny     int8                       `json:"tiny"`
	Name     name                       `json:"name"`
	Flag     flag                       `json:"flag"`
	Date     time.Time                  `json:"date"`
	Raw      json.RawMessage            `json:"raw"`
	Small    small                      `json:"small"`
	Pointer  *small                     `json:"pointer"`
	Number   *int64                     `json:"number"`
	IDs      []id                       `json:"ids"`
	Smalls   []small                    `json:"smalls"`
	Pointers []*small                   `json:"pointers"`
	Texts    map[string]name            `json:"texts"`
	Kinds    map[name]small             `json:"kinds"`
	Raws     map[string]json.RawMessage `json:"raws"`
	Noun     noun                       `json:"noun"`
	Word     word                       `json:"word"`
	Words    []word                     `json:"words"`
	Untagged string
	Left     string `json:"-"`
	hidden   string
}

func TestUnmarshal(t *testing.T) {
	t.Parallel()
	date := time.Date(2026, 2, 24, 13, 18, 53, 0, time.UTC)
	seven, one := small{ID: 7, Name: "x"}, int64(1)
	tests := map[string]all{
		`{"id":13}`:            {ID: 13},
		`{"id":"13"}`:          {ID: 13},
		`{"id":5,"id":6}`:      {ID: 6},
		`{"\u0069d":13}`:       {ID: 13},
		`{"tiny":127}`:         {Tiny: 127},
		`{"name":"a\u0042"}`:   {Name: "aB"},
		`{"name":13}`:          {Name: "13"},
		`{"name":"\ud800"}`:    {Name: "\ufffd"},
		`{"flag":true}`:        {Flag: true},
		`{"flag":1}`:           {Flag: true},
		`{"flag":"1"}`:         {Flag: true},
		`{"flag":"Y"}`:         {Flag: true},
		`{"raw": {"a" :[1]} }`: {Raw: json.RawMessage(`{"a" :[1]}`)},
		`{"raw":null}`:         {Raw: json.RawMessage(`null`)},
		`{"raw":[]}`:           {Raw: json.RawMessage(`[]`)},
		`{"raw":"0"}`:          {Raw: json.RawMessage(`"0"`)},

		`{"date":"2026-02-24T13:18:53Z"}`: {Date: date},

		`{"small":{"id":"7","name":"x"}}`:           {Small: seven},
		`{"small":"{\"id\":7,\"name\":\"x\"}"}`:     {Small: seven},
		`{"pointer":{"id":7,"name":"x"}}`:           {Pointer: &seven},
		`{"pointer":" {\"id\":7,\"name\":\"x\"} "}`: {Pointer: &seven},
		`{"number":"1"}`:                            {Number: &one},

		`{"ids":[3,"1"]}`:                     {IDs: []id{3, 1}},
		`{"ids":{"10":1,"2":"3"}}`:            {IDs: []id{3, 1}},
		`{"ids":"[3,1]"}`:                     {IDs: []id{3, 1}},
		`{"smalls":[{"id":7,"name":"x"},[]]}`: {Smalls: []small{seven, {}}},
		`{"smalls":[{"id":"x"}]}`:             {Smalls: []small{{}}},
		`{"pointers":[{"id":7,"name":"x"}]}`:  {Pointers: []*small{&seven}},
		`{"texts":{"a":"x","b":1,"c":null}}`:  {Texts: map[string]name{"a": "x", "b": "1", "c": ""}},
		`{"texts":["x"]}`:                     {Texts: map[string]name{"0": "x"}},
		`{"kinds":{"a":{"id":7,"name":"x"}}}`: {Kinds: map[name]small{"a": seven}},
		`{"raws":{"a": [1] }}`:                {Raws: map[string]json.RawMessage{"a": json.RawMessage(`[1]`)}},

		`{"noun":{"Texts":["a"]}}`:       {Noun: noun{Texts: []string{"a"}}},
		`{"noun":"{\"Texts\":[\"a\"]}"}`: {Noun: noun{Texts: []string{"a"}}},
		`{"word":"hello"}`:               {Word: "hello"},
		`{"words":["hello"]}`:            {Words: []word{"hello"}},

		`{"Untagged":"x","Left":"x","-":"x","hidden":"x"}`: {Untagged: "x"},

		`[]`: {}, ` {} `: {}, `{"unknown":{"deep":[1]}}`: {}, `{"ID":13,"Id":13}`: {},
	}
	for member, values := range map[string][]string{
		"id":      {`null`, `false`, `""`, `"def0"`, `1.5`, `[1]`, `{}`, `9223372036854775808`},
		"tiny":    {`128`},
		"name":    {`null`, `false`, `true`, `[]`},
		"flag":    {`null`, `false`, `"0"`, `"N"`, `""`, `{}`, `"x"`},
		"date":    {`null`, `false`, `""`, `"0"`, `0`, `"yesterday"`, `[]`},
		"small":   {`null`, `false`, `""`, `"0"`, `0`, `[]`, `[ ]`, `{}`, `"text"`, `"{"`, `5`, `true`},
		"pointer": {`null`, `false`, `""`, `"0"`, `0`, `[]`, `{}`, `"text"`, `5`},
		"number":  {`null`, `"x"`},
		"ids":     {`null`, `false`, `""`, `"0"`, `0`, `[]`, `{}`, `"[]"`},
		"texts":   {`null`, `false`, `""`, `"0"`, `0`, `[]`, `{}`, `"text"`},
		"noun":    {`null`, `false`, `""`, `"0"`, `0`, `[]`, `5`},
		"word":    {`null`, `"x"`, `5`},
	} {
		for _, value := range values {
			tests[`{"`+member+`":`+value+`}`] = all{}
		}
	}
	for text, want := range tests {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			got := all{ID: 99, hidden: "x"}
			require.NoError(t, loose.Unmarshal([]byte(text), &got))
			assert.Equal(t, want, got)
		})
	}
}

// An error changes nothing.
func TestUnmarshal_errors(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		``, ` `, `null`, `false`, `"{}"`, `5`, `[1]`, `{`, `[`, `{"id":1`, `{"id":1}}`, `{"id":1,}`, `{"unknown":tru}`,
		`{"ids":[1,"x"]}`, `{"ids":[1,null]}`, `{"ids":[1,""]}`, `{"ids":[1,[]]}`, `{"ids":5}`, `{"ids":"1,2"}`,
		`{"ids":"x"}`, `{"ids":true}`,
		`{"ids":{"a":1}}`, `{"ids":{"":1}}`, `{"ids":"[1"}`,
		`{"smalls":[null]}`, `{"smalls":[false]}`, `{"smalls":[""]}`, `{"smalls":[5]}`, `{"smalls":[[1]]}`,
		`{"smalls":[{"id":1},"x"]}`,
		`{"pointers":[null]}`, `{"pointers":["0"]}`,
		`{"texts":{"a":[]}}`, `{"texts":{"a":true}}`, `{"kinds":{"a":5}}`,
		`{"small":[1]}`, `{"pointer":[1]}`, `{"small":"[1]"}`,
		`{"noun":{"Texts":[[]]}}`, `{"noun":[1]}`, `{"words":["x"]}`, `{"words":[null]}`,
	} {
		got := all{ID: 99, Name: "as it was"}
		require.Error(t, loose.Unmarshal([]byte(text), &got), text)
		assert.Equal(t, all{ID: 99, Name: "as it was"}, got, text)
	}
}

func TestUnmarshal_intoOthers(t *testing.T) {
	t.Parallel()
	var ids []id
	require.NoError(t, loose.Unmarshal([]byte(`{"3":"4","1":2}`), &ids))
	assert.Equal(t, []id{2, 4}, ids)
	var texts map[string]string
	require.NoError(t, loose.Unmarshal([]byte(`{"a":1}`), &texts))
	assert.Equal(t, map[string]string{"a": "1"}, texts)

	var number int64
	require.Error(t, loose.Unmarshal([]byte(`{}`), &number))
	var nothing *small
	for _, into := range []any{nil, small{}, nothing, new(map[int]int), new([]float64)} {
		require.Error(t, loose.Unmarshal([]byte(`[1]`), into))
	}
}

// What was read stays, whatever becomes of the text that it was read from.
func TestUnmarshal_copies(t *testing.T) {
	t.Parallel()
	text := []byte(`{"name":"x","raw":[1],"raws":{"a":[1]},"texts":{"a":"x"}}`)
	var got all
	require.NoError(t, loose.Unmarshal(text, &got))
	clear(text)
	assert.Equal(t, all{
		Name: "x", Raw: json.RawMessage(`[1]`), Raws: map[string]json.RawMessage{"a": json.RawMessage(`[1]`)},
		Texts: map[string]name{"a": "x"},
	}, got)
}

type nest struct {
	In   *nest           `json:"in"`
	List []nest          `json:"list"`
	Map  map[string]nest `json:"map"`
	ID   int64           `json:"id"`
}

func TestUnmarshal_depth(t *testing.T) {
	t.Parallel()
	for _, form := range [][2]string{{`{"in":`, `}`}, {`{"list":[`, `]}`}, {`{"map":{"a":`, `}}`}} {
		levels := 63
		if form[0] != `{"in":` {
			levels = 31 // of two structures each
		}
		deep := func(levels int) []byte {
			return []byte(strings.Repeat(form[0], levels) + `{"id":1}` + strings.Repeat(form[1], levels))
		}
		require.NoError(t, loose.Unmarshal(deep(levels), new(nest)), form[0])
		require.Error(t, loose.Unmarshal(deep(levels+1), new(nest)), form[0])
		require.Error(t, loose.Unmarshal(deep(5000), new(nest)), form[0])
	}
	// What is only copied, or not looked at, may be deeper.
	require.NoError(t, loose.Unmarshal([]byte(`{"raw":`+strings.Repeat(`[`, 900)+strings.Repeat(`]`, 900)+`}`),
		new(all)))
}

// Nothing panics, what is no JSON is an error, and a struct without lists has room for every object.
func FuzzUnmarshal(f *testing.F) {
	for _, seed := range []string{
		`{"id":"13","tiny":1,"name":false,"flag":"Y","date":"2026-02-24T13:18:53Z","raw":{"a":[]},` +
			`"small":"{\"id\":1}","number":0}`,
		`{"ids":{"3":1,"1":"2"},"smalls":[[],{"id":1}],"pointers":[{}],"texts":["x"],"kinds":{"a":{}},"raws":{},` +
			`"noun":{"Texts":[1]}}`,
		`{"word":"hello","words":["hello"],"in":{"list":[{"map":{"a":{"in":"{\"id\":1}"}}}]}}`,
		`[]`, `[ ]`, `{"small":[ ]}`, `{"small":"["}`, `{"small":"{\"id\":\""}`, `{`, `"`, ``, "\ufeff{}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var (
			everything all
			deep       nest
			list       []small
			scalars    struct {
				ID   id        `json:"id"`
				Name name      `json:"name"`
				Flag flag      `json:"flag"`
				Date time.Time `json:"date"`
			}
		)
		for _, into := range []any{&everything, &deep, &list, &scalars} {
			if loose.Unmarshal(data, into) == nil && !json.Valid(data) {
				t.Fatal("that was no JSON")
			}
		}
		var object map[string]json.RawMessage
		if json.Unmarshal(data, &object) == nil && object != nil && loose.Unmarshal(data, &scalars) != nil {
			t.Fatal("an object that cannot be read")
		}
	})
}
