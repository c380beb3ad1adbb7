// Package content is what a message of a chat bot is made of: text with codes, keyboards, attachments and menus. Both
// generations of Bitrix24's methods take them, imbot.message.add as well as imbot.v2.Chat.Message.send.
//
//	text := content.Join(content.Bold("Order 42"), " of ", content.Mention(27, "Ann"), " is ready.")
//	keyboard := content.NewKeyboard(
//		content.Row(content.CommandButton("Take", "take", "42"), content.CommandButton("Leave", "leave", "42")),
//		content.Row(content.LinkButton("Show", "https://bot.example/orders/42")),
//	)
//	attach := content.NewAttach(content.GridBlock(content.GridRow("Sum", 1200), content.GridRow("Note", "[none]")))
//	if err := errors.Join(content.CheckText(text.String()), keyboard.Check(), attach.Check()); err != nil {
//		return err
//	}
//
// # Text
//
// A [Text] is plain text and codes that do not get into each other: what somebody else wrote is shown as it was
// written. Its String goes into the field of a method.
//
// # Checks
//
// A portal drops without a word what it does not understand, a button as well as the end of a long text. [CheckText]
// and the Check methods say so before. They ask nobody: whether a command is registered only the portal knows.
//
// # JSON
//
// JSON is written in the one form that every method takes. It is read in all the forms that portals send, and what they
// send besides is left out.
package content
