// Echobot is a bot to begin with: it says again what people write, has a command and a button, takes files, and leaves
// group chats. It needs no address of its own, as it fetches its events.
//
//	BITRIX24_WEBHOOK_URL=https://… BITRIX24_BOT_TOKEN=… go run ./examples/echobot
//
// The token is a secret of your choice, of at most 40 characters; with -unregister the bot is removed again. Without
// BITRIX24_WEBHOOK_URL the program plays a conversation on a portal in memory, and prints it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "echobot:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, getenv func(string) string, out io.Writer) error {
	flags := flag.NewFlagSet("echobot", flag.ContinueOnError)
	flags.SetOutput(out)
	removes := flags.Bool("unregister", false, "remove the bot from the portal, and end")
	cache, _ := os.UserCacheDir()
	folder := flags.String("offsets", filepath.Join(cache, "imbot-echobot"), "the folder that knows which events are done")
	if err := flags.Parse(args); err != nil {
		return err
	}
	url, token := getenv("BITRIX24_WEBHOOK_URL"), getenv("BITRIX24_BOT_TOKEN")
	switch {
	case url == "" && *removes:
		return errors.New("remove it from where? Set BITRIX24_WEBHOOK_URL")
	case url == "":
		return demo(ctx, out)
	case token == "":
		return errors.New("set BITRIX24_BOT_TOKEN to a secret of your choice, and keep it: the bot is yours by it")
	}
	client, err := imbot.NewClient(imbot.Webhook(url))
	if err != nil {
		return err
	}
	logger := log.New(out, "", 0)
	if *removes {
		return unregister(ctx, client, token, logger)
	}
	bot, err := register(ctx, client, token, logger)
	if err != nil {
		return err
	}
	logger.Print("Write to it in the messenger of the portal. Ctrl-C ends this program.")
	err = bot.mux().Run(ctx, bot.as, imbotv2.WithOffsets(imbotv2.NewFileOffsets(*folder)))
	logger.Print("Stopped. The bot is still registered; -unregister removes it.")
	return err
}

// botCode is what the program knows its bot by. A portal has one bot of a code.
const botCode = "imbot_echobot"

// register makes the bot, or finds the one that an earlier run has made, and sees to its command.
func register(ctx context.Context, client *imbot.Client, token string, logger *log.Logger) (*echobot, error) {
	v2 := imbotv2.New(client)
	fields := imbotv2.BotRegisterFields{
		Code: botCode, BotToken: token, EventMode: imbotv2.EventModeFetch,
		Properties: imbotv2.BotProperties{Name: "Echo", WorkPosition: "Says it again"},
	}
	registered, err := v2.Bot.Register(ctx, imbotv2.BotRegisterRequest{Fields: fields})
	if err != nil {
		return nil, err
	}
	id := registered.Result.Bot.ID
	if names := registered.Result.Differs(fields); len(names) > 0 {
		logger.Printf("The bot is there already, with another %s, and stays as it is. To change it, -unregister it first.",
			strings.Join(names, ", "))
	}
	bot := &echobot{as: v2.As(imbotv2.Identity{BotID: id, BotToken: token}), files: http.DefaultTransport, log: logger}
	_, err = bot.as.Command.Register(ctx, imbotv2.CommandRegisterRequest{Fields: imbotv2.CommandRegisterFields{
		Command: "help", Title: imbotv2.Localized{"en": "What the bot can do", "ru": "Что умеет бот"},
	}})
	if err != nil {
		return nil, err
	}
	logger.Printf("Bot %d is registered, with the command /help.", id)
	return bot, nil
}

// unregister removes the bot, whoever started it.
func unregister(ctx context.Context, client *imbot.Client, token string, logger *log.Logger) error {
	v2 := imbotv2.New(client)
	found, err := v2.As(imbotv2.Identity{BotToken: token}).Get(ctx, imbotv2.BotGetRequest{Code: botCode})
	if err == nil {
		id := found.Result.Bot.ID
		_, err = v2.As(imbotv2.Identity{BotID: id, BotToken: token}).Unregister(ctx, imbotv2.BotUnregisterRequest{})
	}
	switch {
	case errors.Is(err, imbot.ErrBotID):
		logger.Print("The portal has no such bot.")
		return nil
	case errors.Is(err, imbot.ErrOutcomeUnknown):
		return fmt.Errorf("it may be removed or not, run this again to be certain: %w", err)
	case err == nil:
		logger.Print("The bot is removed.")
	}
	return err
}
