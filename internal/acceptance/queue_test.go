package acceptance_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/netip"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
	"github.com/seed-a6e4e5a4/imbot/internal/phpform"
)

// bothWays sends a request by Call and in a batch, and returns the body of the one and the command of the other. Where
// one of them fails nothing of it may have been sent.
func bothWays[Req any](ctx context.Context, method imbot.Method[Req, bool], req Req, opts ...imbot.Option) (body, line string, err error) {
	var sent []byte
	transport := clienttest.RoundTrip(func(req *http.Request) (*http.Response, error) {
		var err error
		sent, err = io.ReadAll(req.Body)
		result := `{"result":true}`
		if strings.HasSuffix(req.URL.Path, "/batch") {
			result = `{"result":{"result":{"c0":true},"result_error":[]}}`
		}
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {jsonType}}, Body: io.NopCloser(strings.NewReader(result))}, err
	})
	opts = append(opts, clienttest.Over(transport), imbot.WithLimiter(nil))
	client, err := imbot.NewClient(imbot.Webhook(clienttest.WebhookURL), opts...)
	if err != nil {
		return "", "", err
	}
	_, err = imbot.Call(ctx, client, method, req)
	body, sent = string(sent), nil
	if err != nil {
		return body, "", err
	}
	batch := client.NewBatch()
	q := imbot.Queue(batch, method, req)
	if err := batch.Do(ctx); err != nil {
		if _, own := q.Result(); own == nil || !errors.Is(err, own) || sent != nil {
			return body, "", fmt.Errorf("sent %q, with the results %v and %w", sent, own, err) //nolint:errorlint // it is no cause
		}
		return body, "", err
	}
	var carried struct {
		Cmd map[string]string `json:"cmd"`
	}
	if err := json.Unmarshal(sent, &carried); err != nil {
		return body, "", err
	}
	if _, err := q.Result(); err != nil {
		return body, "", err
	}
	return body, carried.Cmd["c0"], nil
}

// queuedAs returns the query of a request in a batch.
func queuedAs(t *testing.T, method string, req any) string {
	t.Helper()
	_, line, err := bothWays(t.Context(), imbot.Method[any, bool]{Name: method}, req)
	require.NoError(t, err)
	name, query, _ := strings.Cut(line, "?")
	assert.Equal(t, method, name)
	return query
}

// level is a number with a name for people, as stringer makes them.
type level int

func (l level) String() string { return [...]string{"off", "on"}[l] }

// loud is a text that writes itself.
type loud string

func (l loud) MarshalText() ([]byte, error) { return []byte(strings.ToUpper(string(l))), nil }

// twice is a request that names a parameter twice.
type twice struct{}

func (twice) MarshalJSON() ([]byte, error) {
	return []byte(`{"A":null,"B":{"x":1,"y":2},"A":"last","B":{"z":3}}`), nil
}

// elsewhere changes one parameter of a request of the package.
type elsewhere struct {
	imbot.ChatLeaveRequest

	ChatID imbot.ChatID `json:"CHAT_ID"`
}

// What a request means in a batch is what its JSON means, whatever made that.
func TestQueue_meansWhatCallMeans(t *testing.T) {
	t.Parallel()
	type inner struct {
		A string `json:"A,omitempty"`
	}
	type tree struct {
		Name string  `json:"name"`
		Next []*tree `json:"next,omitempty"`
	}
	const v1, v2, im = "imbot.x", "imbot.v2.X.do", "im.v2.X.do"
	tests := []struct {
		name, method string
		req          any
		want         string
	}{
		{"nothing", v1, nil, ""},
		{"a nil pointer", v1, (*inner)(nil), ""},
		{"no parameters", v1, struct{}{}, ""},
		{"a shadowed field", v1, elsewhere{clienttest.Leave13, 14}, "BOT_ID=39&CHAT_ID=14"},
		{"an embedded struct", v1, struct{ inner }{inner{"3"}}, "A=3"},
		{"an embedded struct under a name", v1, struct {
			inner `json:"B"`
		}{inner{"3"}}, "B[A]=3"},
		{"a struct", v1, struct{ B inner }{inner{"4"}}, "B[A]=4"},
		{"a pointer to a pointer", v1, struct{ C **int }{new(new(5))}, "C=5"},
		{"lists", v1, struct{ D []any }{[]any{6, "7", []int{8, 9}, inner{"1"}}}, "D[0]=6&D[1]=7&D[2][0]=8&D[2][1]=9&D[3][A]=1"},
		{"trees", v1, tree{"a", []*tree{{Name: "b"}, {"c", []*tree{{Name: "d"}}}}}, "name=a&next[0][name]=b&next[1][name]=c&next[1][next][0][name]=d"},
		{"a map", v1, map[string]any{"A": 1, "B": map[int]string{7: "x", 0: "y"}}, "A=1&B[0]=y&B[7]=x"},
		{"a number with a String method", v1, struct{ L level }{1}, "L=1"},
		{"a list of them", v1, struct{ L []level }{[]level{0, 1}}, "L[0]=0&L[1]=1"},
		{"texts that write themselves", v1, struct{ L []loud }{[]loud{"x"}}, "L[0]=X"},
		{"keys that write themselves", v1, map[netip.Addr]int{netip.MustParseAddr("::1"): 1}, "::1=1"},
		{"an address", v1, struct{ A netip.Addr }{netip.MustParseAddr("::1")}, "A=::1"},
		{"a time", v1, struct{ F time.Time }{time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)}, "F=2026-11-24T00:00:00Z"},
		{"a duration", v1, struct{ D time.Duration }{time.Second}, "D=1000000000"},
		{"bytes", v1, struct{ B []byte }{[]byte("\xff\xfe\xfd")}, "B=//79"},
		{"whole numbers", v1, struct{ A, B any }{float64(12345678), int64(math.MinInt64)}, "A=12345678&B=-9223372036854775808"},
		{"large and small numbers", v1, struct{ A, B float64 }{1e21, 1e-7}, "A=1e+21&B=1e-7"},
		{"numbers as they stand", v1, json.RawMessage(`{"A":12345678901234567890,"B":1E3,"C":12345678.0,"D":-0}`), "A=12345678901234567890&B=1E3&C=12345678.0&D=-0"},
		{"a json.Number", v1, struct{ A json.Number }{"1.50"}, "A=1.50"},
		{"numbers as texts", v1, struct {
			A int `json:",string"`
		}{7}, "A=7"},
		{"an empty text", v1, struct{ A string }{}, "A="},
		{"unset", v1, struct {
			A *int           `json:",omitempty"`
			B []int          `json:",omitempty"`
			C map[string]int `json:",omitempty"`
			D time.Time      `json:",omitzero"`
			E bool           `json:",omitempty"`
			F string         `json:"-"`
		}{F: "f"}, ""},
		{"any text", v1, struct{ L string }{"a b+c&d#e%f?g=h\nй\"'[]<>\x00\u2028\\"}, "L=a b+c&d#e%f?g=h\nй\"'[]<>\x00\u2028\\"},
		{"no UTF-8", v1, struct{ L string }{"a\xff"}, "L=a\uFFFD"},
		{"escapes", v1, json.RawMessage(`{"\u0041":"\ud83d\ude00\ufffd\/"}`), "A=😀\uFFFD/"},
		{"spaces", v1, json.RawMessage(` { "A" : [ 1 , { "x" : 2 } ] , "B" : 3 } `), "A[0]=1&A[1][x]=2&B=3"},
		{"the last of equal names", v1, twice{}, "A=last&B[z]=3"},
		{"odd keys", v1, map[string]any{"a+b&c=d%20": map[string]int{" x.y z": 1, "=": 2, "й": 3, "  ": 4}}, "a+b&c=d%20[  ]=4&a+b&c=d%20[ x.y z]=1&a+b&c=d%20[=]=2&a+b&c=d%20[й]=3"},
		{"Y and N", v1, struct{ A, B imbot.YesNo }{imbot.Yes, imbot.No}, "A=Y&B=N"},
		{"booleans of the second generation", v2, struct{ A, B bool }{true, false}, "A=Y&B=N"},
		{"further in", v2, map[string]any{"fields": map[string]any{"x": []bool{false, true}}}, "fields[x][0]=N&fields[x][1]=Y"},
		{"in other letters", strings.ToUpper(v2), struct{ A *bool }{new(true)}, "A=Y"},
		{"of im", im, struct{ A *bool }{new(false)}, "A=N"},
		{"a boolean that PHP reads by itself", "imbot.v2.Event.get", map[string]bool{"withUserEvents": false}, "withUserEvents=0"},
		{"and when it is true", "im.v2.Event.get", map[string]bool{"withUserEvents": true}, "withUserEvents=1"},
		{"what only looks like a reference", v1, map[string]any{"A": "$5 [result], $results[x]", "B": map[string]any{"$result": map[string]int{"x": 1}}}, "A=$5 [result], $results[x]&B[$result][x]=1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			plain, err := url.QueryUnescape(queuedAs(t, tt.method, tt.req))
			require.NoError(t, err)
			assert.Equal(t, tt.want, plain)
		})
	}
}

// A parameter that brackets cannot carry is refused by its name, and nothing is sent.
func TestQueue_refusesWhatItCannotCarry(t *testing.T) {
	t.Parallel()
	deep := func(levels int) any {
		var value any = 1
		for range levels {
			value = map[string]any{"a": value}
		}
		return value
	}
	const v1, v2 = "imbot.x", "imbot.v2.X.do"
	tests := []struct {
		name, method string
		req          any
		param        string
	}{
		{"null", v1, struct{ A *int }{}, "A"},
		{"null in a list", v2, struct{ A []any }{[]any{1, nil}}, "A[1]"},
		{"null in an object", v1, map[string]any{"A": map[string]any{"b": map[string]any{"c": nil}}}, "A[b][c]"},
		{"a list that is nil", v1, struct{ A []int }{}, "A"},
		{"an empty list", v2, struct{ A []int }{[]int{}}, "A"},
		{"an empty list in a list", v1, struct{ A [][]int }{[][]int{{1}, {}}}, "A[1]"},
		{"an empty object", v1, struct{ A map[string]int }{map[string]int{}}, "A"},
		{"a struct without fields", v1, struct{ A struct{} }{}, "A"},
		{"true", v1, struct{ A bool }{true}, "A"},
		{"false", v1, struct{ A bool }{}, "A"},
		{"false in a list", v1, struct{ A []bool }{[]bool{false}}, "A[0]"},
		{"a boolean of another family", "imbotany.v2.x", struct{ A bool }{true}, "A"},
		{"a boolean of another version", "imbot.v22.x", struct{ A bool }{true}, "A"},
		{"a name with a dot", v1, map[string]int{"a.b": 1}, "a.b"},
		{"a name with a blank", v1, map[string]int{"a b": 1}, "a b"},
		{"a name with a blank first", v1, map[string]int{" a": 1}, " a"},
		{"a name with a bracket", v1, map[string]int{"a[b": 1}, "a[b"},
		{"a name with the other bracket", v1, map[string]int{"a]": 1}, "a]"},
		{"a name with brackets", v1, map[string]int{"a[b]": 1}, "a[b]"},
		{"a name with a zero byte", v1, map[string]int{"a\x00b": 1}, "a\x00b"},
		{"no name", v1, map[string]int{"": 1}, "request"},
		{"a key with a bracket", v1, map[string]any{"a": map[string]int{"b[": 1}}, "a[b[]"},
		{"a key with the other bracket", v1, map[string]any{"a": map[string]int{"b]": 1}}, "a[b]]"},
		{"a key with a zero byte", v1, map[string]any{"a": map[string]int{"\x00": 1}}, "a[\x00]"},
		{"no key", v1, map[string]any{"a": map[string]int{"": 1}}, "a[]"},
		{"a blank for a key", v1, map[string]any{"a": map[string]int{" ": 1}}, "a[ ]"},
		{"a line break for a key", v1, map[string]any{"a": map[string]int{"\n": 1}}, "a[\n]"},
		{"too many", v1, map[string]any{"a": make([]int, 1000), "b": 1}, "request"},
		{"too many in a list", v1, map[string]any{"a": make([]int, 1001)}, "request"},
		{"too deep", v1, map[string]any{"a": deep(65)}, "request"},
		{"half a surrogate pair", v1, json.RawMessage(`{"A":"\ud83dx"}`), "request"},
		{"the other half", v1, json.RawMessage(`{"A":"\uDE00"}`), "request"},
		{"two halves in a wrong order", v1, json.RawMessage(`{"A":"\ude00\ud83d"}`), "request"},
		{"half a pair at the end of a name", v1, json.RawMessage(`{"\\\ud83d":1}`), "request"},
		{"a reference", v1, map[string]any{"A": []any{"x", map[string]string{"b": "it costs $RESULT[c0]"}}}, "A[1][b]"},
		{"a reference in escapes", v1, json.RawMessage(`{"A":"\u0024result\u005bc0]"}`), "A"},
		{"a reference in a name", v1, map[string]any{"$error": map[string]int{"c0": 1}}, "$error[c0]"},
		{"at the end of a name", v1, map[string]any{"a$next": []int{1}}, "a$next[0]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			body, line, err := bothWays(t.Context(), imbot.Method[any, bool]{Name: tt.method}, tt.req)
			assert.NotEmpty(t, body, "a call by itself can carry it")
			assert.Empty(t, line)
			var param *imbot.ParamError
			require.ErrorAs(t, err, &param)
			assert.Equal(t, tt.method, param.Method)
			assert.Equal(t, tt.param, param.Param)
			require.NotErrorIs(t, err, imbot.ErrOutcomeUnknown)
		})
	}
	t.Run("as much as there may be", func(t *testing.T) {
		t.Parallel()
		query := queuedAs(t, v1, map[string]any{"a": make([]int, 999), "b": deep(64)})
		_, leftOut := phpform.Parse(query, phpform.Limits{})
		assert.Zero(t, leftOut)
		assert.Equal(t, 1000, strings.Count(query, "="))
		assert.Equal(t, 64+999, strings.Count(query, "%5B"))
	})
}

// Every request of this package can stand in a batch, but for lists, objects and pictures that are required and missing.
func TestQueue_requestsOfThisPackage(t *testing.T) {
	t.Parallel()
	required := map[string]string{
		"imbot.ChatUserAddRequest": "USERS", "imbot.ChatUpdateAvatarRequest": "AVATAR",
		"imbot.BotRegisterRequest": "PROPERTIES", "imbot.BotUpdateRequest": "FIELDS",
		"imbot.CommandRegisterRequest": "LANG", "imbot.CommandUpdateRequest": "FIELDS",
		"imbotv2.MessageSendRequest": "fields", "imbotv2.CommandAnswerRequest": "fields",
		"imbotv2.MessageUpdateRequest": "fields", "imbotv2.CommandUpdateRequest": "fields",
		"imbotv2.BotRegisterRequest": "fields[properties]", "imbotv2.BotUpdateRequest": "fields", "imbotv2.ChatUpdateRequest": "fields",
		"imbotv2.ManagerAddRequest": "userIds", "imbotv2.ManagerDeleteRequest": "userIds", "imbotv2.UserAddRequest": "userIds",
	}
	for _, request := range slices.Concat(requests["."], requests["imbotv2"]) {
		param := ""
		_, _, err := bothWays(t.Context(), imbot.Method[any, bool]{Name: "x"}, request)
		if refused, ok := errors.AsType[*imbot.ParamError](err); ok {
			param = refused.Param
		} else {
			require.NoError(t, err)
		}
		name := reflect.TypeOf(request).String()
		assert.Equal(t, required[name], param, name)
	}
}

// A struct that embeds a request and names another chat leaves that chat, alone and in a batch, and is not checked by
// what it embeds.
func TestQueue_shadowedField(t *testing.T) {
	t.Parallel()
	leave := imbot.Method[elsewhere, bool]{Name: "imbot.chat.leave"}
	for name, send := range map[string]func(context.Context, *imbot.Client, elsewhere) error{
		"Call": func(ctx context.Context, client *imbot.Client, req elsewhere) error {
			_, err := imbot.Call(ctx, client, leave, req)
			return err
		},
		"Queue": func(ctx context.Context, client *imbot.Client, req elsewhere) error {
			batch := client.NewBatch()
			q := imbot.Queue(batch, leave, req)
			err := batch.Do(ctx)
			_, own := q.Result()
			return errors.Join(err, own)
		},
	} {
		for _, inside := range []imbot.ChatLeaveRequest{clienttest.Leave13, {BotID: 39}, {ChatID: -1, BotID: 39}} {
			t.Run(name+" "+strconv.Itoa(int(inside.ChatID)), func(t *testing.T) {
				t.Parallel()
				portal := imbottest.NewPortal(t)
				portal.AddChat(imbottest.Chat{ID: 14, Members: []imbot.UserID{1, 39}, Owner: 1})
				require.NoError(t, send(t.Context(), clienttest.ForBot(portal), elsewhere{inside, 14}))
				assert.True(t, portal.Has(13, 39))
				assert.False(t, portal.Has(14, 39))
			})
		}
	}
}
