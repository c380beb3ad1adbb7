// Portal serves a Bitrix24 portal for tests on a loopback port, and prints calls to try on it.
//
//	go run ./examples/portal
//
// What a call changes stays changed until the program ends.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "portal:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("portal", flag.ContinueOnError)
	flags.SetOutput(out)
	addr := flags.String("addr", "127.0.0.1:8024", "the loopback address to listen on; port 0 takes a free one")
	documented := flags.Bool("documented", false, "word errors as the documentation does, not as servers do")
	if err := flags.Parse(args); err != nil {
		return err
	}
	listener, err := listen(ctx, *addr)
	if err != nil {
		return err
	}
	wire := imbottest.Current
	if *documented {
		wire = imbottest.Documented
	}
	portal := imbottest.Start(imbottest.WithWire(wire))
	defer portal.Close()
	printCalls(out, "http://"+listener.Addr().String())
	return serve(ctx, listener, portal)
}

// listen opens a loopback address and no other: the portal's secrets are printed in its documentation.
func listen(ctx context.Context, addr string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("%q is not on loopback; name 127.0.0.1, [::1] or localhost", addr)
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("%w (is it taken? try -addr 127.0.0.1:0)", err)
	}
	return listener, nil
}

func serve(ctx context.Context, listener net.Listener, portal http.Handler) error {
	const patience = 5 * time.Second
	server := &http.Server{Handler: portal, ReadHeaderTimeout: patience}
	stopped := make(chan error, 1)
	context.AfterFunc(ctx, func() {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer cancel()
		stopped <- server.Shutdown(last)
	})
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}

func printCalls(out io.Writer, url string) {
	const call = `
%s

    curl -X POST \
      -H 'Content-Type: application/json' \
      -H 'Accept: application/json' \
      -d '%s' \
      %s
`
	webhook := fmt.Sprintf("%s/rest/%d/%s/imbot.chat.leave", url, imbottest.Employee, imbottest.Secret)
	fmt.Fprintf(out, "A Bitrix24 portal for tests, until Ctrl-C; what a call changes stays changed. Its webhook:\n\n    %s/rest/%d/%s/\n", url, imbottest.Employee, imbottest.Secret)
	fmt.Fprintf(out, "\nFor OAuth, its endpoint and a token:\n\n    %s/rest/\n    %s\n", url, imbottest.TokenOK)
	fmt.Fprintf(out, call, "A bot leaves a chat, by the webhook:",
		fmt.Sprintf(`{"CHAT_ID":%d,"BOT_ID":%d,"CLIENT_ID":%q}`, imbottest.ChatGroup, imbottest.BotMain, imbottest.ClientID), webhook)
	fmt.Fprintf(out, call, "Another bot leaves it, by an OAuth token:",
		fmt.Sprintf(`{"CHAT_ID":%d,"BOT_ID":%d,"auth":%q}`, imbottest.ChatGroup, imbottest.BotOfApp, imbottest.TokenOK), url+"/rest/imbot.chat.leave")
	fmt.Fprintf(out, call, "A call that names no chat is refused:",
		fmt.Sprintf(`{"BOT_ID":%d,"CLIENT_ID":%q}`, imbottest.BotMain, imbottest.ClientID), webhook)
}
