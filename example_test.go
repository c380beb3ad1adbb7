package imbot_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

func leaveChat(ctx context.Context) (imbot.LeaveState, error) {
	client, err := imbot.NewClient(
		imbot.Webhook(os.Getenv("BITRIX24_WEBHOOK_URL")),
		imbot.WithClientID(os.Getenv("BITRIX24_CLIENT_ID")),
	)
	if err != nil {
		return "", err
	}
	outcome, err := client.Chat.EnsureLeft(ctx, imbot.ChatLeaveRequest{ChatID: 13, BotID: 39})
	return outcome.State, err // the bot is out; or the error tells: refused, still in the chat, or unknown
}

func Example() {
	// A portal for the example; a program has the URL of a real one in its environment.
	portal := imbottest.Start()
	defer portal.Close()
	_ = os.Setenv("BITRIX24_WEBHOOK_URL", portal.ServerWebhookURL())
	_ = os.Setenv("BITRIX24_CLIENT_ID", imbottest.ClientID)

	fmt.Println(leaveChat(context.Background()))
	// Output: left <nil>
}

// A bot makes a chat, hands it over and leaves it; then it leaves another by the second generation of methods.
func Example_lifeOfAChat() {
	portal := imbottest.Start()
	defer portal.Close()
	client := portal.Client(imbot.WithClientID(imbottest.ClientID))
	ctx := context.Background()
	const bot, heir = imbottest.BotMain, imbottest.Employee
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}

	added, err := client.Chat.Add(ctx, imbot.ChatAddRequest{Title: "Launch", Type: imbot.ChatClosed, BotID: bot})
	check(err)
	chat := added.Result
	_, err = client.Chat.User.Add(ctx, imbot.ChatUserAddRequest{ChatID: chat, Users: []imbot.UserID{heir}, BotID: bot})
	check(err)
	_, err = client.Chat.UpdateTitle(ctx, imbot.ChatUpdateTitleRequest{ChatID: chat, Title: "Launched", BotID: bot})
	check(err)

	leave := imbot.ChatLeaveRequest{ChatID: chat, BotID: bot}
	before, err := client.Chat.CanLeave(ctx, leave)
	check(err)
	fmt.Println("the bot owns the chat, and may leave it:", before.IsOwner, before.Allowed)
	_, err = client.Chat.SetOwner(ctx, imbot.ChatSetOwnerRequest{ChatID: chat, UserID: heir, BotID: bot})
	check(err)
	after, err := client.Chat.CanLeave(ctx, leave)
	check(err)
	fmt.Println("after the handover it owns it:", after.IsOwner)
	members, err := client.Chat.User.List(ctx, imbot.ChatUserListRequest{ChatID: chat, BotID: bot})
	check(err)
	fmt.Println("members:", members.Result)
	outcome, err := client.Chat.EnsureLeft(ctx, leave)
	check(err)
	fmt.Println(outcome.State)

	v2 := imbotv2.New(client).As(imbotv2.Identity{BotID: bot})
	leaveV2 := imbotv2.ChatLeaveRequest{DialogID: imbottest.ChatGroup.DialogID()}
	first, err := v2.Chat.EnsureLeft(ctx, leaveV2)
	check(err)
	second, err := v2.Chat.EnsureLeft(ctx, leaveV2)
	check(err)
	fmt.Printf("by the second generation: %s, and then: %s\n", first.State, second.State)
	// Output:
	// the bot owns the chat, and may leave it: true true
	// after the handover it owns it: false
	// members: [39 1]
	// left
	// by the second generation: left, and then: already out
}

func ExampleWebhook() {
	auth := imbot.Webhook("https://portal.example/rest/1/EXAMPLE_SECRET/")
	fmt.Println(auth)

	_, err := imbot.NewClient(imbot.Webhook("https://portal.example/rest/1/EXAMPLE_SECRET/imbot.chat.leave"))
	fmt.Println(err)
	// Output:
	// imbot.Webhook(https://portal.example/rest/***)
	// imbot: webhook URL: something follows the secret, perhaps a method: want https://PORTAL/rest/USER_ID/SECRET/
}

func ExampleOAuth() {
	portal := imbottest.Start()
	defer portal.Close()
	auth := imbot.OAuth(portal.Endpoint(), imbot.StaticToken(imbottest.TokenOK))
	client, err := imbot.NewClient(auth, imbot.WithHTTPClient(portal.HTTPClient()))
	if err != nil {
		log.Fatal(err)
	}

	_, err = client.Chat.Leave(context.Background(), imbot.ChatLeaveRequest{ChatID: 13, BotID: imbottest.BotOfApp})

	fmt.Println(err)
	// Output: <nil>
}

func ExampleStaticToken_Token() {
	token := imbot.StaticToken("EXAMPLE_TOKEN")

	fmt.Println(token)
	fmt.Println(token.Token(context.Background()))
	// Output:
	// ***
	// EXAMPLE_TOKEN <nil>
}

// Every mistake is reported at once, and none repeats the secret.
func ExampleNewClient() {
	_, err := imbot.NewClient(imbot.Webhook("http://portal.example/rest/1/EXAMPLE_SECRET/"), imbot.WithRetry(imbot.RetryPolicy{MaxAttempts: -1}))

	fmt.Println(err)
	// Output:
	// imbot: WithRetry: there are negative numbers in the policy
	// imbot: webhook URL: has to start with https:// (http:// is for loopback addresses only)
}

// One program, two users of a portal: the second client has other credentials, and the same connections and limits.
func ExampleClient_With() {
	portal := imbottest.Start()
	defer portal.Close()
	byWebhook := portal.Client(imbot.WithClientID(imbottest.ClientID))

	byToken, err := byWebhook.With(imbot.OAuth(portal.Endpoint(), imbot.StaticToken(imbottest.TokenOK)))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(byWebhook)
	fmt.Println(byToken)
	fmt.Println(byToken.Portal())
	// Output:
	// imbot.Client(imbot.Webhook(https://portal.example/rest/***))
	// imbot.Client(imbot.OAuth(https://portal.example/rest/, ***))
	// portal.example
}

// Bots that were registered with another CLIENT_ID share everything else.
func ExampleClient_As() {
	portal := imbottest.Start()
	defer portal.Close()
	portal.AddBot(imbottest.Bot{ID: 60, ClientID: "another"})
	portal.AddMember(imbottest.ChatGroup, 60, imbottest.Employee)
	client := portal.Client(imbot.WithClientID(imbottest.ClientID))

	outcome, err := client.As("another").Chat.EnsureLeft(context.Background(), imbot.ChatLeaveRequest{ChatID: imbottest.ChatGroup, BotID: 60})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(outcome.State, client.IsOAuth())
	// Output: left false
}

// A program tells its users what happened and what to do about it.
func ExampleExplain() {
	portal := imbottest.Start()
	defer portal.Close()
	client := portal.Client(imbot.WithClientID(imbottest.ClientID))

	_, err := client.Chat.Leave(context.Background(), imbot.ChatLeaveRequest{ChatID: imbottest.ChatWorkgroup, BotID: 39})
	advice := imbot.Explain(err)
	fmt.Println("meaning:", advice.Meaning)
	fmt.Println("to do:", advice.Action)
	fmt.Println("may be better later:", advice.Temporary)
	// Output:
	// meaning: the chat is that of a workgroup, a call or a support session, whose members are managed there
	// to do: remove the bot or user from the workgroup, call or session
	// may be better later: false
}

// errReportQuota is a sentinel of a package that has a method of its own, with what there is to say about it.
var errReportQuota = imbot.NewError("report: the quota is used up", imbot.Advice{
	Meaning: "all reports of this month were sent", Action: "wait for the next month, or ask for more",
})

func ExampleNewError() {
	err := fmt.Errorf("sending the report: %w", errReportQuota)
	fmt.Println(err)
	fmt.Println(imbot.Explain(err).Action)
	// Output:
	// sending the report: report: the quota is used up
	// wait for the next month, or ask for more
}

// Any code can be asked for, with or without a constant, in any letter case.
func ExampleCode() {
	portal := imbottest.Start()
	defer portal.Close()
	portal.On("imbot.chat.leave", imbottest.Refuse(400, "SOMETHING_NEW", "Not described anywhere"))

	_, err := portal.Client().Chat.Leave(context.Background(), imbot.ChatLeaveRequest{ChatID: 13})

	fmt.Println(errors.Is(err, imbot.Code("something_new")))
	// Output: true
}

func ExampleParseChatID() {
	fmt.Println(imbot.ParseChatID("chat13"))
	// Output: 13 <nil>
}

func ExampleChatID_DialogID() {
	fmt.Println(imbot.ChatID(13).DialogID())
	// Output: chat13
}

func ExampleNewFileContent() {
	portal := imbottest.Start()
	defer portal.Close()
	portal.On("imbot.v2.File.upload", imbottest.Result(true))
	type fields struct {
		Name    string            `json:"name"`
		Content imbot.FileContent `json:"content"`
	}
	type request struct {
		BotID    imbot.BotID    `json:"botId"`
		DialogID imbot.DialogID `json:"dialogId"`
		Fields   fields         `json:"fields"`
	}
	upload := imbot.Method[request, bool]{Name: "imbot.v2.File.upload", Validate: func(r request) error {
		if r.Fields.Content.IsZero() || r.Fields.Content.Size() > 100<<20 {
			return errors.New("has no file, or one that is larger than 100 MiB")
		}
		return nil
	}}

	report := strings.NewReader("a report") // or an *os.File, with the size that its Stat returns
	file := imbot.NewFileContent(report, report.Size())
	_, err := imbot.Call(context.Background(), portal.Client(), upload, request{456, "chat5", fields{"report.txt", file}})
	fmt.Println(file, err)
	fmt.Println(string(portal.Calls()[0].Body))
	// Output:
	// 8 bytes <nil>
	// {"botId":456,"dialogId":"chat5","fields":{"name":"report.txt","content":"YSByZXBvcnQ="}}
}
