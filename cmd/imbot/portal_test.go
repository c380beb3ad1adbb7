package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// served starts imbot portal, and returns the first line that it prints as JSON, and what ends it.
func served(t *testing.T, args ...string) (places map[string]any, end func() int) {
	t.Helper()
	read, write := io.Pipe()
	interrupts := make(chan os.Signal, 1)
	code := make(chan int, 1)
	errs := new(strings.Builder)
	go func() {
		code <- run(context.WithoutCancel(t.Context()), append([]string{"portal", "--json", "--listen", "127.0.0.1:0"}, args...),
			func(string) string { return "" }, interrupts, streams{strings.NewReader(""), write, errs})
		_ = write.Close()
	}()
	line, err := bufio.NewReader(read).ReadBytes('\n')
	require.NoError(t, err, errs.String())
	require.NoError(t, json.Unmarshal(line, &places))
	go func() { _, _ = io.Copy(io.Discard, read) }()
	end = func() int {
		select {
		case interrupts <- os.Interrupt:
		default:
		}
		return <-code
	}
	t.Cleanup(func() {
		select {
		case interrupts <- os.Interrupt:
		default:
		}
	})
	return places, end
}

// ask makes a request, and returns the status and the text of the answer.
func ask(t *testing.T, method, url, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req) //nolint:forbidigo // this stands for any client
	require.NoError(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(text)
}

var curl = regexp.MustCompile(`(?s)curl -H 'Content-Type: application/json' \\\n\s+-d '([^']*)' \\\n\s+(http://127\.0\.0\.1:\d+/\S+)\n\s+curl (\S+)`)

// TestPortal holds that what it prints is true: the calls are made as curl would make them.
func TestPortal(t *testing.T) {
	t.Parallel()
	read, write := io.Pipe()
	interrupts := make(chan os.Signal, 1)
	code := make(chan int, 1)
	go func() {
		code <- run(context.WithoutCancel(t.Context()), []string{"portal", "--portal", "first@127.0.0.1:0", "--chats", "3"},
			func(string) string { return "" }, interrupts, streams{strings.NewReader(""), write, io.Discard})
		_ = write.Close()
	}()
	var text strings.Builder
	lines := bufio.NewScanner(read)
	for lines.Scan() && !curl.MatchString(text.String()) {
		text.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), "curl http") {
			break
		}
	}
	shown := curl.FindStringSubmatch(text.String())
	require.Len(t, shown, 4, text.String())
	assert.Contains(t, text.String(), "member id       first\n")
	tokenURL := regexp.MustCompile(`\nOAuth server    (\S+)\napplication     app\.1, whose secret is (\S+)\n`).FindStringSubmatch(text.String())
	require.Len(t, tokenURL, 3, text.String())
	_, renewed := ask(t, http.MethodGet, tokenURL[1]+"?grant_type=refresh_token&client_id=app.1&client_secret="+tokenURL[2]+"&refresh_token=EXAMPLE", "")
	assert.Contains(t, renewed, "invalid_grant", "the application is known, and the refresh token is not")
	_, said := ask(t, http.MethodPost, shown[2], shown[1])
	assert.Regexp(t, `^{"result":true,"time":{`, said)
	_, said = ask(t, http.MethodGet, shown[3], "")
	assert.JSONEq(t, `{"id":13,"kind":"Group","title":"Group","owner":1,"members":[1,50],"removals":1}`, said)
	_, said = ask(t, http.MethodGet, strings.Replace(shown[3], "/13", "/1003", 1), "")
	assert.Contains(t, said, `"members":[1,39]`)
	interrupts <- os.Interrupt
	assert.Equal(t, exitDone, <-code)
}

// TestPortal_empty holds that nothing is offered that is not there.
func TestPortal_empty(t *testing.T) {
	t.Parallel()
	interrupts := make(chan os.Signal, 1)
	interrupts <- os.Interrupt
	var out strings.Builder
	code := run(t.Context(), []string{"portal", "--empty", "--listen", "127.0.0.1:0"}, func(string) string { return "" }, interrupts, streams{strings.NewReader(""), &out, io.Discard})
	assert.Equal(t, exitDone, code)
	assert.Contains(t, out.String(), "webhook  ")
	assert.Contains(t, out.String(), "application  ")
	for _, absent := range []string{"CLIENT_ID", "OAuth token", "imbot members", "curl"} {
		assert.NotContains(t, out.String(), absent)
	}
}

// TestPortal_several holds that each portal has its own member id, chats and address, also where they share a port.
func TestPortal_several(t *testing.T) {
	t.Parallel()
	places, end := served(t, "--portal", "first@127.0.0.1:0", "--portal", "second@127.0.0.1:0", "--portal", "third@a.localhost:0", "--portal", "fourth@b.localhost:0")
	control, _ := places["control"].(string)
	_, said := ask(t, http.MethodGet, control, "")
	printed, err := json.Marshal(map[string]any{
		"portals": places["portals"], "app": places["app"], "app_secret": places["app_secret"], "client_id": places["client_id"],
		"token": places["token"], "bot": places["bot"], "user": places["user"],
	})
	require.NoError(t, err)
	assert.JSONEq(t, said, string(printed), "the first line says all that the control says")
	var about struct {
		Portals []struct {
			MemberID string `json:"member_id"`
			URL      string `json:"url"`
			TokenURL string `json:"token_url"`
		} `json:"portals"`
	}
	require.NoError(t, json.Unmarshal([]byte(said), &about))
	require.Len(t, about.Portals, 4)
	assert.Equal(t, strings.TrimPrefix(about.Portals[2].URL, "http://a"), strings.TrimPrefix(about.Portals[3].URL, "http://b"), "one port")
	assert.Equal(t, "second", about.Portals[1].MemberID)
	assert.NotEqual(t, about.Portals[0].URL, about.Portals[1].URL)

	for _, second := range []string{control + "chats/5?portal=second", about.Portals[1].URL + "/_imbottest/chats/5"} {
		status, _ := ask(t, http.MethodPut, second, `{"owner":1,"members":[1,39]}`)
		assert.Equal(t, http.StatusOK, status)
	}
	status, _ := ask(t, http.MethodGet, control+"chats/5", "")
	assert.Equal(t, http.StatusNotFound, status, "the first one has no such chat")
	_, said = ask(t, http.MethodPost, control+"tokens?portal=second", `{}`)
	assert.Contains(t, said, `"member_id":"second"`)
	status, _ = ask(t, http.MethodGet, control+"?portal=fifth", "")
	assert.Equal(t, http.StatusNotFound, status)
	assert.Equal(t, exitDone, end())
}

// TestPortal_settings holds that flags change what the portal does.
func TestPortal_settings(t *testing.T) {
	t.Parallel()
	places, _ := served(t, "--documented", "--self-hosted", "--operating-limit", "2s", "--cost", "3s", "--plan", "standard")
	webhook, _ := places["webhook"].(string)
	_, said := ask(t, http.MethodPost, webhook+"imbot.chat.leave", `{"CHAT_ID":14,"BOT_ID":39,"CLIENT_ID":"my"}`)
	assert.Contains(t, said, "WRONG_REQUEST", "as the documentation has it")
	_, said = ask(t, http.MethodPost, webhook+"imbot.chat.leave", `{"CHAT_ID":13,"BOT_ID":39,"CLIENT_ID":"my"}`)
	assert.Contains(t, said, "OPERATION_TIME_LIMIT")
	_, said = ask(t, http.MethodPost, webhook+"imbot.bot.list", `{}`)
	assert.NotContains(t, said, "operating", "it is not in the cloud")
	for range 60 {
		if _, said = ask(t, http.MethodPost, webhook+"profile", `{}`); strings.Contains(said, "QUERY_LIMIT_EXCEEDED") {
			return
		}
	}
	t.Error("sixty requests at once are more than the plan allows")
}

// TestPortal_mistakes holds that it listens on this machine only, and says what is wrong.
func TestPortal_mistakes(t *testing.T) {
	t.Parallel()
	for args, says := range map[string]string{
		"--listen 0.0.0.0:0": "on this machine only", "--listen 192.0.2.1:0": "on this machine only", "--listen :0": "on this machine only",
		"--listen nothing": `"nothing" is no address`, "--portal x": "want MEMBER_ID@HOST:PORT", "--events ftp://x --listen 127.0.0.1:0": "--events: want",
		"--plan gold": "must be one of", "--events http:// --listen 127.0.0.1:0": "--events: want", "--listen 127.0.0.1:0 --slow": "--slow lets",
		"--chats=-1": "may not be negative", "--keep=-1": "may not be negative", "--cost=-1s": "may not be negative", "--operating-limit=-1s": "may not be negative",
		"--portal a@127.0.0.1:0 --portal a@localhost:0": "the same member id", "--portal a@127.0.0.1:8024 --portal b@127.0.0.1:8024": "the same address",
	} {
		got := call(t, nil, 0, append([]string{"portal"}, strings.Fields(args)...)...)
		assert.Equal(t, exitUsage, got.code, args)
		assert.Contains(t, got.err, says, args)
	}
	places, _ := served(t)
	address, _ := places["url"].(string)
	got := call(t, nil, 0, "portal", "--listen", strings.TrimPrefix(address, "http://"))
	assert.Equal(t, exitUsage, got.code)
	assert.Contains(t, got.err, "is it taken?")
}

// TestPortal_docs runs the programs of the documentation.
func TestPortal_docs(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/portal.md")
	require.NoError(t, err)
	for _, tt := range []struct {
		language, program string
		args              []string
		says              string
	}{
		{"python", "python3", []string{"-c"}, `'messages': []`},
		{"javascript", "node", []string{"--input-type=module", "-e"}, `0 of 1 faults for imbot.chat.leave were met`},
		{"sh", "sh", []string{"-ec"}, `"members":[1],"removals":1`},
	} {
		t.Run(tt.language, func(t *testing.T) {
			t.Parallel()
			for _, name := range []string{tt.program, map[string]string{"sh": "curl"}[tt.language]} {
				if _, err := exec.LookPath(name); name != "" && errors.Is(err, exec.ErrNotFound) && (os.Getenv("CI") == "" || name == "node") {
					t.Skipf("there is no %s", name)
				}
			}
			places, _ := served(t)
			address, _ := places["url"].(string)
			blocks := strings.Split(string(page), "```"+tt.language+"\n")
			text, _, _ := strings.Cut(blocks[len(blocks)-1], "```")
			require.Contains(t, text, "http://127.0.0.1:8024")
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			output, err := exec.CommandContext(ctx, tt.program, append(tt.args, strings.ReplaceAll(text, "http://127.0.0.1:8024", address))...).CombinedOutput()
			require.NoError(t, err, string(output))
			assert.Contains(t, string(output), tt.says)
		})
	}
}

// TestPortal_python lets a program in another language, which knows nothing of this repository, test a bot of its own.
func TestPortal_python(t *testing.T) {
	t.Parallel()
	python, err := exec.LookPath("python3")
	if errors.Is(err, exec.ErrNotFound) && os.Getenv("CI") == "" {
		t.Skip("there is no python3")
	}
	require.NoError(t, err)
	places, end := served(t)
	address, _ := places["url"].(string)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	output, err := exec.CommandContext(ctx, python, "testdata/bot_test.py", address).CombinedOutput()
	require.NoError(t, err, string(output))
	assert.Regexp(t, `Ran 5 tests in `, string(output))
	assert.Equal(t, exitDone, end())
}
