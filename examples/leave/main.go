// Leave takes a bot out of a chat of a Bitrix24 portal.
//
// With BITRIX24_WEBHOOK_URL in the environment it does so on that portal:
//
//	BITRIX24_WEBHOOK_URL=https://… BITRIX24_CLIENT_ID=… go run ./examples/leave -chat 13 -bot 39
//
// Without, it starts a portal of its own, in memory, and leaves a chat there. With -refusals it goes through the ways
// in which leaving is refused and answers are lost, and shows how a program tells the one from the other.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "leave:", err)
		os.Exit(1)
	}
}

// settings is what the command line and the environment say.
type settings struct {
	webhookURL, clientID string
	request              imbot.ChatLeaveRequest
	refusals             bool
}

func run(ctx context.Context, args []string, getenv func(string) string, out io.Writer) error {
	s, err := parse(args, getenv, out)
	switch {
	case err != nil:
		return err
	case s.refusals:
		return showRefusals(ctx, out)
	case s.webhookURL == "":
		return leaveEmbedded(ctx, s, out)
	default:
		return leaveReal(ctx, s, out)
	}
}

func parse(args []string, getenv func(string) string, out io.Writer) (settings, error) {
	s := settings{webhookURL: getenv("BITRIX24_WEBHOOK_URL"), clientID: getenv("BITRIX24_CLIENT_ID")}
	flags := flag.NewFlagSet("leave", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.Func("chat", `the chat to leave, as "13" or "chat13"`, func(text string) (err error) {
		s.request.ChatID, err = imbot.ParseChatID(text)
		return err
	})
	bot := flags.Int64("bot", 0, "the bot that leaves; without it the portal takes the first of its application")
	flags.BoolVar(&s.refusals, "refusals", false, "show every refusal, on a portal in memory")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	if flags.NArg() > 0 {
		return s, fmt.Errorf("%q is not a flag; the chat is named by -chat, the bot by -bot", flags.Arg(0))
	}
	s.request.BotID = imbot.BotID(*bot)
	return s, nil
}

func leaveReal(ctx context.Context, s settings, out io.Writer) error {
	if s.request.ChatID == 0 {
		return errors.New("which chat? Name it by -chat, and the bot by -bot")
	}
	opts := []imbot.Option{imbot.WithMiddleware(show(out))}
	if s.clientID != "" {
		opts = append(opts, imbot.WithClientID(s.clientID))
	}
	client, err := imbot.NewClient(imbot.Webhook(s.webhookURL), opts...)
	if err != nil {
		return err
	}
	return leave(ctx, client, s.request, out)
}

func leaveEmbedded(ctx context.Context, s settings, out io.Writer) error {
	portal := imbottest.Start()
	defer portal.Close()
	s.request.ChatID = cmp.Or(s.request.ChatID, imbottest.ChatGroup)
	s.request.BotID = cmp.Or(s.request.BotID, imbottest.BotMain)
	fmt.Fprintf(out, "This takes the bot %d out of the chat %d. The portal is one in the memory of this program, and nothing leaves\n"+
		"this machine: BITRIX24_WEBHOOK_URL, which would name a real one, is not set.\n\n", s.request.BotID, s.request.ChatID)
	fmt.Fprintf(out, "Before:  members %v\n", portal.Members(s.request.ChatID))

	client := portal.Client(imbot.WithClientID(imbottest.ClientID), imbot.WithMiddleware(show(out)))
	if err := leave(ctx, client, s.request, out); err != nil {
		return err
	}
	fmt.Fprintf(out, "After:   members %v\n", portal.Members(s.request.ChatID))
	return nil
}

// leave makes the call and prints what came of it.
func leave(ctx context.Context, client *imbot.Client, req imbot.ChatLeaveRequest, out io.Writer) error {
	response, err := client.Chat.Leave(ctx, req)
	if err != nil {
		return err
	}
	t := response.Time
	fmt.Fprintf(out, "Result:  %v, the bot is out\n", response.Result)
	fmt.Fprintf(out, "Time:    %s to %s, less than %s in all (portals cut the start to the second)\n",
		t.Start.Format(time.DateTime), t.Finish.Format(time.DateTime), t.Duration.Round(time.Millisecond)+time.Millisecond)
	if t.HasOperating {
		fmt.Fprintf(out, "Budget:  %s of working time used, the oldest part forgotten at %s\n", t.Operating.Round(time.Microsecond), t.OperatingResetAt.Format(time.DateTime))
	} else {
		fmt.Fprintln(out, "Budget:  this portal keeps none")
	}
	return nil
}

// show is middleware that prints each request. The address and the body that it gets have no credentials in them;
// the CLIENT_ID, which is a parameter, it leaves out itself.
func show(out io.Writer) func(http.RoundTripper) http.RoundTripper {
	return func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(req *http.Request) (*http.Response, error) {
			body, err := req.GetBody()
			if err != nil {
				return nil, err
			}
			text, err := io.ReadAll(body)
			if err != nil {
				return nil, err
			}
			sent, _, masked := strings.Cut(string(text), `,"CLIENT_ID":`)
			if masked {
				sent += `,"CLIENT_ID":"***"}`
			}
			fmt.Fprintf(out, "Sent:    %s %s\n         %s\n", req.Method, req.URL, sent)
			return next.RoundTrip(req)
		})
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }
