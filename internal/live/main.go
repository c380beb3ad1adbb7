// Live goes through both generations of methods on a real portal, once, and writes what was asked and answered:
//
//	BITRIX24_WEBHOOK_URL=https://… make live
//
// The webhook needs the scope imbot. Two bots and two chats are made, which nobody else is in, and the bots are removed
// again, also after an error or Ctrl-C. What is written, in live-transcript.md and to the terminal, has nothing of
// people and secrets in it: only what is known to be harmless is shown. At its end stands which promises of the library
// held. It is meant to be sent in with a report.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
	"github.com/seed-a6e4e5a4/imbot/internal/version"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdout)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		_, _ = fmt.Fprintln(os.Stderr, "live:", err)
		os.Exit(1)
	}
}

// run is the program. The options are for a portal that is not reached over the network.
func run(
	ctx context.Context, args []string, getenv func(string) string, out io.Writer, opts ...imbot.Option,
) (err error) {
	flags := flag.NewFlagSet("live", flag.ContinueOnError)
	flags.SetOutput(out)
	name := flags.String("o", "live-transcript.md", "the file to write")
	if err := flags.Parse(args); err != nil {
		return err
	}
	url := getenv("BITRIX24_WEBHOOK_URL")
	if url == "" {
		return errors.New("set BITRIX24_WEBHOOK_URL to an incoming webhook of a portal, with the scope imbot")
	}
	t := &transcript{mask: newMask()}
	client, err := imbot.NewClient(imbot.Webhook(url), append(opts, imbot.WithMiddleware(t.middleware))...)
	if err != nil {
		return err
	}
	const ownerOnly = 0o600
	file, err := os.OpenFile(*name, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, ownerOnly)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	t.out = io.MultiWriter(file, out)
	return errors.Join(check(ctx, t, client), t.err)
}

// check goes through both generations, cleans up, and says what is not as promised.
func check(ctx context.Context, t *transcript, client *imbot.Client) error {
	t.printf("# Transcript of %s on a portal\n\n%s, %s, %s/%s, a portal at %s.\n\n", version.UserAgent,
		time.Now().UTC().Format(time.DateOnly), runtime.Version(), runtime.GOOS, runtime.GOARCH, kindOfHost(client.Portal()))
	t.printf("Masked: ids are BOT_1, USER_1 and so on, with # where the portal has a number and not a text. " +
		"Other texts and numbers, unknown members, and words of errors that are not documented are left out.\n")
	id := strings.ToLower(rand.Text())
	const pause = 2 * time.Second
	v2 := &second{t: t, v2: imbotv2.New(client), code: "imbot_live_2_" + id, token: rand.Text(), pause: pause}
	v1 := &first{t: t, client: client.As(rand.Text()), code: "imbot_live_1_" + id}

	t.printf("\n## The second generation\n")
	v2.walk(ctx, client)
	stays := cleanUp(ctx, v2.clean)
	if ctx.Err() == nil {
		t.printf("\n## The first generation\n")
		v1.walk(ctx)
		stays = append(stays, cleanUp(ctx, v1.clean)...)
	}
	broken := t.table()
	t.printf("\n## What stays on the portal\n\nTwo chats at the most, without members: no method deletes chats.\n")
	for _, what := range stays {
		t.printf("\n**Not removed:** %s\n", what)
	}
	switch {
	case len(stays) > 0:
		return errors.New("not everything could be removed, see the end of the transcript")
	case ctx.Err() != nil:
		return errors.New("interrupted; what was made is removed")
	case broken > 0:
		return fmt.Errorf("%d promises did not hold, see the end of the transcript", broken)
	}
	return nil
}

// cleanUp removes what was made, also when ctx has ended.
func cleanUp(ctx context.Context, clean func(context.Context) string) []string {
	const patience = time.Minute
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if stays := clean(ctx); stays != "" {
		return []string{stays}
	}
	return nil
}

// kindOfHost says what kind of portal a host is.
func kindOfHost(host string) string {
	if strings.Contains(host, ".bitrix24.") {
		return "portal.example, in the cloud"
	}
	return "portal.example, not in the cloud"
}

// wait waits, and reports whether ctx goes on.
func wait(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func yesNo(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}
