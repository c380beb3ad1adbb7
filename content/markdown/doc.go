// Package markdown turns Markdown, such as language models write, into the text of a message. It reads CommonMark with
// the tables, strikethrough, bare addresses and task lists of GitHub.
//
//	for _, part := range markdown.Split("**Hello**, [docs](https://bot.example/) say …") {
//		if _, err := bot.Say(ctx, "chat13", part.String()); err != nil {
//			return err
//		}
//	}
//
// # What is shown
//
// Emphasis is italic, strong emphasis and headings are bold. A quote has >> before each line. Items of lists have
// bullets, numbers or boxes, and stand further in the deeper they are. A block of code is one here, too; code within a
// line keeps its backticks, as a chat would give it a block. A table is a block of code with its columns aligned. A
// picture is a link with its description. Lines are broken where Markdown breaks them, by two spaces or a backslash at
// the end, and a blank line stands between blocks that have one in the source. HTML is shown as it is written,
// and so are footnotes.
//
// # Who wrote it
//
// Whoever wrote the Markdown can do what Markdown can, and nothing else: no code of Bitrix24 in it takes effect, as in
// [content.Escape]. A link leads to an address that [content.Link] accepts. Any other stands in brackets behind its text.
//
// # Limits
//
// No source makes these functions fail, and the time they take grows with its length, whoever wrote it. For that, what
// people do not write stays plain text: quotes and lists more than 12 deep, a table with far more cells than are written
// down, links to more than 2000 bytes, emphasis and brackets that go on and on and are never closed. More than eight
// blank lines in a row become eight.
package markdown
