package markdown_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/seed-a6e4e5a4/imbot/content"
	"github.com/seed-a6e4e5a4/imbot/content/markdown"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

func ExampleText() {
	answer := markdown.Text(strings.Join([]string{
		"## Order *42*",
		"It **left** on Monday, [see where it is](https://shop.example/42).",
		"",
		"1. Unpack",
		"2. Plug in",
		"   - not in the rain",
		"",
		"| Part | Pieces |",
		"|------|-------:|",
		"| lamp |      1 |",
		"| bulb |     12 |",
		"",
		"> [url=https://evil.example]a prize[/url]",
	}, "\n"))
	text := content.Join(content.Mention(27, "Ann"), ",\n", answer)
	fmt.Println(strings.NewReplacer("\u200b", "<invisible>", "\u00a0", " ").Replace(text.String()))
	// Output:
	// [USER=27]Ann[/USER],
	// [b]Order [i]42[/i][/b]
	// It [b]left[/b] on Monday, [url=https://shop.example/42]see where it is[/url].
	//
	// 1. Unpack
	// 2. Plug in
	//     • not in the rain
	// [code]Part | Pieces
	// -----+-------
	// lamp |      1
	// bulb |     12[/code]
	// >>[<invisible>url=https:<invisible>//evil.example]a prize[<invisible>/url]
}

func ExampleSplit() {
	portal := imbottest.Start()
	defer portal.Close()
	bot := imbotv2.New(portal.Client()).As(imbotv2.Identity{BotID: imbottest.BotMain, BotToken: imbottest.ClientID})

	answer := "It says:\n\n```\n" + strings.Repeat("lamp started\nlamp stopped\n", 1000) + "```\n\nThat is **all**."
	for _, part := range markdown.Split(answer) {
		if _, err := bot.Say(context.Background(), "chat13", part.String()); err != nil {
			log.Fatal(err)
		}
	}

	for _, message := range portal.Messages(imbottest.ChatGroup) {
		lines := strings.Split(message.Text, "\n")
		fmt.Println(len(lines), "lines, from", lines[0], "to", lines[len(lines)-1])
	}
	// Output:
	// 1536 lines, from It says: to lamp started[/code]
	// 466 lines, from [code]lamp stopped to That is [b]all[/b].
}
