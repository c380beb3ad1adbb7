package content_test

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/seed-a6e4e5a4/imbot/content"
)

func ExampleNewKeyboard() {
	keyboard := content.NewKeyboard(
		content.Row(content.CommandButton("Yes", "answer", "yes"), content.CommandButton("No", "answer", "no")),
		content.Row(content.LinkButton("Rules", "https://bot.example/rules")),
		content.Row(content.ActionButton("Ask", content.ActionPut, "/ask ")),
	)
	keyboard.BotID = 39
	data, err := json.MarshalIndent(keyboard, "", " ")
	fmt.Println(string(data), err)
	keyboard.Buttons = append(keyboard.Buttons, content.Button{Text: "Help"})
	fmt.Println(keyboard.Check())
	// Output:
	// {
	//  "BOT_ID": 39,
	//  "BUTTONS": [
	//   {
	//    "TEXT": "Yes",
	//    "COMMAND": "answer",
	//    "COMMAND_PARAMS": "yes",
	//    "DISPLAY": "LINE"
	//   },
	//   {
	//    "TEXT": "No",
	//    "COMMAND": "answer",
	//    "COMMAND_PARAMS": "no",
	//    "DISPLAY": "LINE"
	//   },
	//   {
	//    "TYPE": "NEWLINE"
	//   },
	//   {
	//    "TEXT": "Rules",
	//    "LINK": "https://bot.example/rules"
	//   },
	//   {
	//    "TYPE": "NEWLINE"
	//   },
	//   {
	//    "TEXT": "Ask",
	//    "ACTION": "PUT",
	//    "ACTION_VALUE": "/ask "
	//   }
	//  ]
	// } <nil>
	// BUTTONS[6]: has neither LINK, APP_ID, ACTION nor COMMAND
}

func ExampleNewAttach() {
	attach := content.NewAttach(
		content.MessageBlock(content.Bold("Order 42")),
		content.GridBlock(content.GridRow("Buyer", content.Mention(27, "Ann")), content.GridRow("Sum", 1200)),
		content.DelimiterBlock(),
		content.LinkBlock("Show", "https://bot.example/orders/42"),
	)
	attach.ColorToken = content.ColorPrimary
	data, err := json.MarshalIndent(attach, "", " ")
	fmt.Println(string(data), err, attach.Check())
	// Output:
	// {
	//  "COLOR_TOKEN": "primary",
	//  "BLOCKS": [
	//   {
	//    "MESSAGE": "[b]Order 42[/b]"
	//   },
	//   {
	//    "GRID": [
	//     {
	//      "DISPLAY": "ROW",
	//      "NAME": "Buyer",
	//      "VALUE": "[USER=27]Ann[/USER]"
	//     },
	//     {
	//      "DISPLAY": "ROW",
	//      "NAME": "Sum",
	//      "VALUE": "1200"
	//     }
	//    ]
	//   },
	//   {
	//    "DELIMITER": {
	//     "SIZE": 200
	//    }
	//   },
	//   {
	//    "LINK": {
	//     "LINK": "https://bot.example/orders/42",
	//     "NAME": "Show"
	//    }
	//   }
	//  ]
	// } <nil> <nil>
}

func ExampleNewMenu() {
	menu := content.NewMenu(
		content.CommandItem("Translate", "translate", "en"),
		content.LinkItem("Help", "/help/"),
		content.ActionItem("Copy", content.ActionCopy, "42"),
	)
	data, err := json.MarshalIndent(menu.Items[0], "", " ")
	fmt.Println(string(data), err, menu.Check())
	// Output:
	// {
	//  "TEXT": "Translate",
	//  "COMMAND": "translate",
	//  "COMMAND_PARAMS": "en"
	// } <nil> <nil>
}

func ExampleJoin() {
	name, wish := "Ann", "[url=https://evil.example]a prize[/url]" // what somebody else wrote
	text := content.Join(
		content.Bold("Order ", 42), ": ", content.Mention(27, name), " wants ", wish,
		content.Quote("as soon as possible"),
		content.Send("/accept 42", "Accept"), " or ", content.Link("https://bot.example/orders/42", "read more"),
	)
	fmt.Println(strings.ReplaceAll(text.String(), "\u200b", "<invisible>"))
	// Output:
	// [b]Order 42[/b]: [USER=27]Ann[/USER] wants [<invisible>url=https:<invisible>//evil.example]a prize[<invisible>/url]
	// >>as soon as possible
	// [send=/accept 42]Accept[/send] or [url=https://bot.example/orders/42]read more[/url]
}

func ExampleEscape() {
	text := content.Escape("[b]not bold[/b], not a line[br] of its own").String()
	fmt.Printf("%q\n", text)
	fmt.Println(content.CheckText(text), content.CheckText(strings.Repeat("x", 25000)))
	// Output:
	// "[\u200bb]not bold[\u200b/b], not a line[\u200bbr] of its own"
	// <nil> the text has 25000 characters, and the portal would cut it after 20000
}

func ExampleCode() {
	fmt.Println(content.Join(
		content.Italic("Usage"), " of ", content.Underline("it"), content.Strike(" all"), ":\n",
		content.Code("a[0] = b[1]\nprint(a)"),
	))
	// Output:
	// [i]Usage[/i] of [u]it[/u][s] all[/s]:
	// [code]a[0] = b[1]
	// print(a)[/code]
}

func ExamplePut() {
	fmt.Println(content.Put("/find ", "Find something"))
	fmt.Println(content.Call("+1 555 0102", "Call us"))
	fmt.Println(content.ChatLink(13, "Support"))
	fmt.Println(content.Join(content.Raw("[size=20]"), "Big", content.Raw("[/size]")))
	// Output:
	// [put=/find ]Find something[/put]
	// [call=+1 555 0102]Call us[/call]
	// [CHAT=13]Support[/CHAT]
	// [size=20]Big[/size]
}

func ExampleUserBlock() {
	attach := content.NewAttach(
		content.UserBlock(27, "Ann"),
		content.ImageBlock(content.AttachImage{Link: "https://bot.example/a.png"}),
		content.FileBlock(content.AttachFile{Link: "https://bot.example/a.pdf", Name: "a.pdf"}),
	)
	for _, block := range attach.Blocks {
		data, err := json.Marshal(block)
		fmt.Println(string(data), err)
	}
	// Output:
	// {"USER":{"NAME":"Ann","USER_ID":27}} <nil>
	// {"IMAGE":[{"LINK":"https://bot.example/a.png"}]} <nil>
	// {"FILE":[{"LINK":"https://bot.example/a.pdf","NAME":"a.pdf"}]} <nil>
}
