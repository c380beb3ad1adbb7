package main

import (
	"context"
	"io"
	"log"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

const conversation = `BITRIX24_WEBHOOK_URL is not set, so this is a portal in memory, and nothing leaves this machine.
Bot 456 is registered, with the command /help.

Ann opens a chat with the bot.
    (Echo is writing)
    Echo: Hello! Write something.
          [ Help ]

Ann writes.
    Ann: Is *this* bold?
    (Echo is writing)
    Echo: You said:
          > Is [b]this[/b] bold?
          [ Help ]

Ann presses the button.
    (Echo is writing)
    Echo: I say again what you write, and take files. *Added to a group, I leave.*
          [ Help ]

Ann sends a file.
    Ann: <menu.txt>
    Echo: <menu (1).txt> You sent *menu.txt*, 14 bytes.

Ben adds the bot to a group chat.
    Echo: I am for chats of two, so I leave this one.
The bot left chat21: the portal has confirmed it.

On a real portal: BITRIX24_WEBHOOK_URL=https://… BITRIX24_BOT_TOKEN=… go run ./examples/echobot
`

func TestRun_demo(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	require.NoError(t, run(t.Context(), nil, env(nil), &out))
	assert.Equal(t, conversation, out.String())
}

// Whatever goes wrong, what the bot says of having left is true.
func TestPlay_faults(t *testing.T) {
	t.Parallel()
	send, leave, members := imbotv2.MethodMessageSend.Name, imbotv2.MethodChatLeave.Name, imbot.MethodChatUserList.Name
	for name, test := range map[string]struct {
		faults  func(p *imbottest.Portal)
		says    string
		staysIn bool
	}{
		"nothing": {
			faults: func(*imbottest.Portal) {},
			says:   "The bot left chat21: the portal has confirmed it.\n",
		},
		"the answer to a greeting is lost": {
			faults: func(p *imbottest.Portal) { p.Fault(send, imbottest.LoseAfter()) },
			says:   "The answer in 1 may be there or not: imbot.v2.Chat.Message.send: ",
		},
		"the answer to the farewell is lost": {
			faults: func(p *imbottest.Portal) {
				p.Fault(send, ok(), ok(), ok(), imbottest.LoseAfter())
			},
			says: "The reason for leaving chat21 may not be there: imbot.v2.Chat.Message.send: ",
		},
		"the answer to leaving is lost": {
			faults: func(p *imbottest.Portal) { p.Fault(leave, imbottest.LoseAfter()) },
			says:   "The bot is out of chat21: an answer was lost, but it is not among the members.\n",
		},
		"a request to leave is lost": {
			faults: func(p *imbottest.Portal) { p.Fault(leave, imbottest.LoseBefore()) },
			says:   "The bot left chat21: the portal has confirmed it.\n",
		},
		"all requests to leave are lost": {
			faults: func(p *imbottest.Portal) { always(p, imbottest.LoseBefore(), leave) },
			says:   "The bot is still in chat21: ", staysIn: true,
		},
		"nothing more is heard": {
			faults: func(p *imbottest.Portal) { always(p, imbottest.LoseBefore(), leave, members) },
			says:   "The bot may be in chat21 or out of it: ", staysIn: true,
		},
		"leaving is refused": {
			faults: func(p *imbottest.Portal) {
				p.On(leave, imbottest.Refuse(400, "USER_INVITED_FROM_STRUCTURE", "User invited from structure"))
			},
			says: "The bot has not left chat21: ", staysIn: true,
		},
		"leaving is refused at first": {
			faults: func(p *imbottest.Portal) { p.Fault(leave, imbottest.Inside200("USER_INVITED_FROM_STRUCTURE", "")) },
			says:   "The bot left chat21: the portal has confirmed it.\n",
		},
		"the portal is wrong about the chat": {
			faults: func(p *imbottest.Portal) { p.On(leave, imbottest.Refuse(400, "CHAT_NOT_FOUND", "Chat not found")) },
			says:   "The bot is still in chat21: ", staysIn: true,
		},
		"the answer to a file is lost": {
			faults: func(p *imbottest.Portal) { p.Fault(imbotv2.MethodFileUpload.Name, imbottest.LoseAfter()) },
			says:   "The answer in 1 may be there or not: imbot.v2.File.upload: ",
		},
		"a file is not there": {
			faults: func(p *imbottest.Portal) {
				p.On(imbotv2.MethodFileDownload.Name, imbottest.Refuse(400, "FILE_NOT_FOUND", "File not found"))
			},
			says: "Given up: imbotv2.Event{EventID:1004 ",
		},
		"the address of a file is of no use": {
			faults: func(p *imbottest.Portal) {
				p.On(imbotv2.MethodFileDownload.Name, imbottest.Result(map[string]any{"downloadUrl": p.WebhookURL() + "download/?token=x"}))
			},
			says: "downloading a file: 4",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				portal := imbottest.NewPortal(t, imbottest.Empty())
				test.faults(portal)
				var out strings.Builder

				require.NoError(t, play(t.Context(), portal, &out))

				text := out.String()
				assert.Contains(t, text, test.says)
				last := func(a, b string) int { return max(strings.LastIndex(text, a), strings.LastIndex(text, b)) }
				stays := max(last("has not left", "is still in"), last("may be in", "may be in"))
				assert.Equal(t, test.staysIn, stays > last("bot left", "is out of"), text)
				assert.Equal(t, test.staysIn, portal.Has(lunch, 456))
				assert.LessOrEqual(t, strings.Count(text, "Hello!"), 1)
				assert.LessOrEqual(t, strings.Count(text, "You sent"), 1)
				assert.Equal(t, 1, strings.Count(text, "I am for chats of two"))
				assert.NotContains(t, text, imbottest.Secret)
				assert.NotContains(t, text, "EXAMPLE_TOKEN")
			})
		})
	}
}

// ok is a fault that is none.
func ok() imbottest.Fault { return imbottest.SlowAfter(time.Nanosecond) }

// always makes a fault of every call of some methods.
func always(p *imbottest.Portal, fault imbottest.Fault, methods ...string) {
	p.FaultFunc(func(call imbottest.Call) imbottest.Fault {
		for _, method := range methods {
			if strings.EqualFold(call.Method, method) {
				return fault
			}
		}
		return imbottest.Fault{}
	})
}

func TestLeave_alreadyOut(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	var out strings.Builder
	require.NoError(t, newBot(t, portal, &out).leave(t.Context(), imbottest.ChatElsewhere.DialogID()))
	assert.Contains(t, out.String(), "The bot was out of chat14 already.\n")
}

// What is too long for one message is not said again.
func TestMessage_tooLong(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t, imbottest.Empty())
	var out strings.Builder
	bot := newBot(t, portal, &out)

	err := bot.message(t.Context(), &imbotv2.Event{
		Name: imbotv2.EventMessageAdd, DialogID: "1", Message: &imbotv2.Message{ID: 1, Text: strings.Repeat("[", 15_000)},
	})

	require.NoError(t, err)
	written := portal.Messages(portal.PrivateChat(bot.as.ID(), ann))
	require.Len(t, written, 1)
	assert.Equal(t, "That is too long to be said again.", written[0].Text)
}

func TestFile_notSentBack(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t, imbottest.Empty())
	var out strings.Builder
	bot := newBot(t, portal, &out)
	bot.files = portal.RoundTripper()
	chat := portal.PrivateChat(bot.as.ID(), ann)
	for _, data := range []string{"", strings.Repeat("x", largest)} {
		portal.PostFile(chat, ann, "a.txt", []byte(data))
		written := portal.Messages(chat)
		id := imbotv2.FileID(written[len(written)-1].Files[0].ID)
		require.NoError(t, bot.file(t.Context(), &imbotv2.Event{Name: imbotv2.EventMessageAdd, DialogID: "1"}, id))
	}
	written := portal.Messages(chat)
	assert.Equal(t, "I do not send back [b]a.txt[/b]: it is empty, or too large.", written[1].Text)
	assert.Len(t, written[3].Files, 1, "as large as may be")
}

// The address of a file is a secret: neither errors nor other hosts get it.
func TestDownload_secret(t *testing.T) {
	t.Parallel()
	const address = "https://portal.example/rest/1/EXAMPLE_SECRET/download/?token=EXAMPLE_TOKEN"
	bot := &echobot{}
	var asked []string
	bot.files = roundTripper(func(req *http.Request) (*http.Response, error) {
		asked = append(asked, req.URL.Host+" "+req.Referer())
		if len(asked) == 2 {
			return nil, io.ErrUnexpectedEOF
		}
		header := http.Header{"Location": {"https://files.example/a"}}
		return &http.Response{StatusCode: http.StatusFound, Header: header, Body: http.NoBody}, nil
	})

	download := func(address imbotv2.DownloadURL) error {
		resp, err := bot.download(t.Context(), address)
		if err == nil {
			resp.Body.Close()
		}
		return err
	}

	err := download(address)

	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	assert.Equal(t, "downloading a file: unexpected EOF", err.Error())
	assert.Equal(t, []string{"portal.example ", "files.example "}, asked)
	err = download("https://portal.example/EXAMPLE_SECRET\n")
	require.Error(t, err)
	assert.NotContains(t, err.Error(), "EXAMPLE")
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func TestRun_portalOfTheEnvironment(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t, imbottest.Empty())
	variables := map[string]string{"BITRIX24_WEBHOOK_URL": portal.ServerWebhookURL(), "BITRIX24_BOT_TOKEN": "EXAMPLE_TOKEN"}
	portal.AddBot(imbottest.Bot{ID: 7, Code: botCode, Name: "Echo", ClientID: "EXAMPLE_TOKEN", EventMode: "webhook"})
	called := func(args ...string) string {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		out := &untilLine{line: "Ctrl-C", found: cancel}
		require.NoError(t, run(ctx, append(args, "-offsets", t.TempDir()), env(variables), out))
		assert.NotContains(t, out.String(), imbottest.Secret)
		assert.NotContains(t, out.String(), "EXAMPLE_TOKEN")
		return out.String()
	}

	assert.Contains(t, called(), "with another eventMode, properties.workPosition, and stays as it is")
	assert.Equal(t, "The bot is removed.\n", called("-unregister"))
	assert.Equal(t, "The portal has no such bot.\n", called("-unregister"))
	assert.Equal(t, "Bot 456 is registered, with the command /help.\n"+
		"Write to it in the messenger of the portal. Ctrl-C ends this program.\n"+
		"Stopped. The bot is still registered; -unregister removes it.\n", called())
}

func TestUnregister_lost(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t, imbottest.Empty())
	var out strings.Builder
	newBot(t, portal, &out)
	portal.Fault(imbotv2.MethodBotUnregister.Name, imbottest.LoseAfter())
	variables := env(map[string]string{"BITRIX24_WEBHOOK_URL": portal.ServerWebhookURL(), "BITRIX24_BOT_TOKEN": "EXAMPLE_TOKEN"})

	err := run(t.Context(), []string{"-unregister"}, variables, &out)

	require.ErrorIs(t, err, imbot.ErrOutcomeUnknown)
	assert.ErrorContains(t, err, "may be removed or not")
}

func TestRun_mistakes(t *testing.T) {
	t.Parallel()
	url := map[string]string{"BITRIX24_WEBHOOK_URL": "https://portal.example/rest/1/EXAMPLE_SECRET/"}
	require.ErrorContains(t, run(t.Context(), nil, env(url), io.Discard), "BITRIX24_BOT_TOKEN")
	require.ErrorContains(t, run(t.Context(), []string{"-unregister"}, env(nil), io.Discard), "BITRIX24_WEBHOOK_URL")
	require.Error(t, run(t.Context(), []string{"-never"}, env(nil), io.Discard))
	require.Error(t, run(t.Context(), nil, env(map[string]string{"BITRIX24_WEBHOOK_URL": "x", "BITRIX24_BOT_TOKEN": "x"}), io.Discard))
}

func newBot(t *testing.T, portal *imbottest.Portal, out io.Writer) *echobot {
	t.Helper()
	bot, err := register(t.Context(), portal.Client(), "EXAMPLE_TOKEN", log.New(out, "", 0))
	require.NoError(t, err)
	return bot
}

// untilLine keeps what is printed, and calls a function when a word comes.
type untilLine struct {
	strings.Builder

	line  string
	found func()
}

func (u *untilLine) Write(p []byte) (int, error) {
	if strings.Contains(string(p), u.line) {
		u.found()
	}
	return u.Builder.Write(p)
}

func env(values map[string]string) func(string) string {
	return func(name string) string { return values[name] }
}
