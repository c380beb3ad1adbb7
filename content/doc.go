// Package content is what a message of a chat bot is made of: text with codes, keyboards, attachments and menus. Both
// generations of Bitrix24's methods take them, imbot.message.add as well as imbot.v2.Chat.Message.send.
//
//	text := content.Join("Order ", content.Bold("A-17"), " of ", content.Mention(27, "Ann"), " is ready.")
//	keyboard := content.NewKeyboard(
//		content.Row(content.CommandButton("Take it", "take", "A-17"), content.CommandButton("Leave it", "leave", "A-17")),
//		content.Row(content.LinkButton("Show", "https://bot.example/orders")),
//	)
//	attach := content.NewAttach(content.MessageBlock("By courier"), content.GridBlock(content.GridRow("Sum", 120)))
//	if err := errors.Join(content.CheckText(text.String()), keyboard.Check(), attach.Check()); err != nil {
//		return err
//	}
//
// # Text
//
// A [Text] is plain text and codes that do not get into each other: what somebody else wrote is shown as he wrote it.
// Its String goes into the field of a method.
//
// # Checks
//
// A portal drops without a word what it does not understand, a button as well as the end of a long text. [CheckText] and
// the Check methods say so before. They do not ask a portal: whether a command is registered only it can know.
//
// # JSON
//
// JSON is written in the one form that every method takes. It is read in all the forms that portals send, and what they
// send besides is left out.
package content
