package redisstore_test

import (
	"context"
	"log"
	"os"

	"github.com/redis/go-redis/v9"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/oauth"
	"github.com/seed-a6e4e5a4/imbot/redisstore"
)

func Example() {
	const memberID = "0123456789abcdef0123456789abcdef" // of the portal, from the installation event
	client := redis.NewClient(&redis.Options{Addr: "localhost:6379"})
	defer func() { _ = client.Close() }()
	app := oauth.App{ID: os.Getenv("BITRIX24_APP_ID"), Secret: os.Getenv("BITRIX24_APP_SECRET")}

	bot, err := imbot.NewClient(
		imbot.OAuth("https://portal.example/rest/", app.Source(redisstore.NewStore(client, memberID))),
		imbot.WithLimiter(redisstore.NewLimiter(client, memberID, imbot.PlanStandard)),
	)
	if err != nil {
		log.Fatal(err)
	}
	outcome, err := bot.Chat.EnsureLeft(context.Background(), imbot.ChatLeaveRequest{ChatID: 13, BotID: 39})
	if err != nil {
		log.Fatal(err)
	}
	log.Print(outcome.State)
}

// The first pair of tokens comes with the installation of the application.
func ExampleStore_Update() {
	client := redis.NewClient(&redis.Options{Addr: "localhost:6379"})
	defer func() { _ = client.Close() }()
	installed := oauth.Token{MemberID: "0123456789abcdef0123456789abcdef"} // and the rest of what the event has

	store := redisstore.NewStore(client, installed.MemberID)
	_, err := store.Update(context.Background(), func(oauth.Token) (oauth.Token, error) { return installed, nil })
	if err != nil {
		log.Fatal(err)
	}
}
