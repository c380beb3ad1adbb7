package acceptance_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/content"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

// What is not set is not sent. What takes something away is.
func TestFamily_sendsPartsOfMessages(t *testing.T) {
	t.Parallel()
	keyboard := content.NewKeyboard(content.Row(content.Button{Text: "Help", Command: "help", Block: true}))
	menu := content.NewMenu(content.CommandItem("Help", "help", ""))
	tests := map[string]struct {
		call func(context.Context, *imbot.Client) error
		json string
	}{
		"a message": {
			func(ctx context.Context, c *imbot.Client) error {
				_, err := c.Message.Add(ctx, imbot.MessageAddRequest{DialogID: "27", Message: "Hello"})
				return err
			}, `{"DIALOG_ID":"27","MESSAGE":"Hello"}`,
		},
		"between users": {
			func(ctx context.Context, c *imbot.Client) error {
				_, err := c.Message.Add(ctx, imbot.MessageAddRequest{FromUserID: 7, ToUserID: 8, Message: "Hello"})
				return err
			}, `{"FROM_USER_ID":7,"TO_USER_ID":8,"MESSAGE":"Hello"}`,
		},
		"the bot of the request": {
			func(ctx context.Context, c *imbot.Client) error {
				_, err := c.Message.Add(ctx, imbot.MessageAddRequest{BotID: 39, DialogID: "27", Message: "Hello", Keyboard: keyboard, Menu: menu})
				return err
			}, `{"BOT_ID":39,"DIALOG_ID":"27","MESSAGE":"Hello","KEYBOARD":{"BOT_ID":39,"BUTTONS":[{"TEXT":"Help","COMMAND":"help","BLOCK":"Y"}]},` +
				`"MENU":{"BOT_ID":39,"ITEMS":[{"TEXT":"Help","COMMAND":"help"}]}}`,
		},
		"the bot of the keyboard": {
			func(ctx context.Context, c *imbot.Client) error {
				_, err := c.Message.Update(ctx, imbot.MessageUpdateRequest{BotID: 39, MessageID: 7, Keyboard: &content.Keyboard{BotID: 40, Buttons: keyboard.Buttons}})
				return err
			}, `{"BOT_ID":39,"MESSAGE_ID":7,"KEYBOARD":{"BOT_ID":40,"BUTTONS":[{"TEXT":"Help","COMMAND":"help","BLOCK":"Y"}]}}`,
		},
		"nothing is left": {
			func(ctx context.Context, c *imbot.Client) error {
				_, err := c.Message.Update(ctx, imbot.MessageUpdateRequest{
					BotID: 39, MessageID: 7, Attach: new(content.Attach), Keyboard: new(content.Keyboard), Menu: new(content.Menu),
				})
				return err
			}, `{"BOT_ID":39,"MESSAGE_ID":7,"ATTACH":"N","KEYBOARD":"N","MENU":"N"}`,
		},
		"an answer": {
			func(ctx context.Context, c *imbot.Client) error {
				_, err := c.Command.Answer(ctx, imbot.CommandAnswerRequest{
					Command: "help", MessageID: 7, Message: "Hello", Keyboard: keyboard, Menu: menu, BotID: 39,
				})
				return err
			}, `{"COMMAND":"help","MESSAGE_ID":7,"MESSAGE":"Hello","KEYBOARD":{"BOT_ID":39,"BUTTONS":[{"TEXT":"Help","COMMAND":"help","BLOCK":"Y"}]},` +
				`"MENU":{"BOT_ID":39,"ITEMS":[{"TEXT":"Help","COMMAND":"help"}]},"BOT_ID":39}`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)
			for _, method := range []string{"imbot.message.add", "imbot.message.update", "imbot.command.answer"} {
				portal.On(method, imbottest.Refuse(400, "WRONG_REQUEST", "Message isn't added").Optional())
			}

			require.ErrorIs(t, tt.call(t.Context(), portal.Client()), imbot.ErrWrongRequest)

			assert.Equal(t, tt.json, string(portal.Calls()[0].Body))
			assert.Zero(t, keyboard.BotID+menu.BotID, "what the caller has is left alone")
		})
	}
}

// A lost answer leaves it unknown whether the message is there. It is not sent again.
func TestFamily_sendsAMessageOnce(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	portal.Fault("imbot.message.add", imbottest.LoseAfter())

	_, err := clienttest.ForBot(portal).Message.Add(t.Context(), imbot.MessageAddRequest{DialogID: "chat13", Message: "Hello"})

	require.ErrorIs(t, err, imbot.ErrOutcomeUnknown)
	assert.Len(t, portal.Messages(imbottest.ChatGroup), 1)
	assert.Equal(t, 1, portal.CallCount("imbot.message.add"))
}

// A registration whose answer was lost is sent again, and makes no second bot.
func TestFamily_registersABotOnce(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	portal.Fault("imbot.register", imbottest.LoseAfter())
	client := clienttest.ForBot(portal)
	before, err := client.Bot.List(t.Context(), imbot.BotListRequest{})
	require.NoError(t, err)

	made, err := client.Bot.Register(t.Context(), imbot.BotRegisterRequest{
		Code: "new", EventHandler: handlerURL, Properties: imbot.BotProperties{LastName: "New"},
	})

	require.NoError(t, err)
	assert.Equal(t, 2, portal.CallCount("imbot.register"))
	after, err := client.Bot.List(t.Context(), imbot.BotListRequest{})
	require.NoError(t, err)
	assert.Len(t, after.Result, len(before.Result)+1)
	assert.Equal(t, made.Result, after.Result[len(after.Result)-1].ID)
}

// Under OAuth a bot is the application's, whatever CLIENT_ID the client has.
func TestFamily_registersABotOfTheApplication(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	application := portal.OAuthClient(imbot.StaticToken(portal.IssueTokens(imbottest.App).AccessToken), imbot.WithClientID("other"))

	made, err := application.Bot.Register(t.Context(), imbot.BotRegisterRequest{
		Code: "new", EventHandler: handlerURL, Properties: imbot.BotProperties{Name: "New"},
	})

	require.NoError(t, err)
	_, err = portal.Client(imbot.WithClientID("other")).Bot.Unregister(t.Context(), imbot.BotUnregisterRequest{BotID: made.Result})
	clienttest.MatchesOnly(t, err, imbot.ErrAppID)
	_, err = application.Bot.Unregister(t.Context(), imbot.BotUnregisterRequest{BotID: made.Result})
	require.NoError(t, err)
}

// Ids come as numbers or as texts, and an answer that was not sent as true.
func TestFamily_readsIDs(t *testing.T) {
	t.Parallel()
	register := imbot.BotRegisterRequest{Code: "x", EventHandler: handlerURL, Properties: imbot.BotProperties{Name: "x"}}
	command := imbot.CommandRegisterRequest{BotID: 39, Command: "x", EventCommandAdd: handlerURL, Lang: echo("x")}
	message := imbot.MessageAddRequest{DialogID: "27", Message: "x"}
	answer := imbot.CommandAnswerRequest{CommandID: 3, MessageID: 7, Message: "x"}
	portal := imbottest.NewPortal(t)
	for _, method := range []string{"imbot.register", "imbot.command.register", "imbot.message.add", "imbot.command.answer"} {
		portal.On(method, imbottest.Result("99"))
	}
	client := clienttest.ForBot(portal)

	bot, err := client.Bot.Register(t.Context(), register)
	require.NoError(t, err)
	assert.Equal(t, imbot.BotID(99), bot.Result)
	made, err := client.Command.Register(t.Context(), command)
	require.NoError(t, err)
	assert.Equal(t, imbot.CommandID(99), made.Result)
	sent, err := client.Message.Add(t.Context(), message)
	require.NoError(t, err)
	assert.Equal(t, imbot.MessageID(99), sent.Result)
	answered, err := client.Command.Answer(t.Context(), answer)
	require.NoError(t, err)
	assert.Equal(t, imbot.CommandAnswerResult{MessageID: 99}, answered.Result)
}

// Every method does in a batch what it does alone, with all that is nested in its parameters.
func TestFamily_inABatch(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	client := clienttest.ForBot(portal)
	given := portal.PostMessage(imbottest.ChatGroup, imbottest.Employee, "/echo hello")
	do := func(b *imbot.Batch) {
		t.Helper()
		require.NoError(t, b.Do(t.Context()))
	}

	b := client.NewBatch()
	bot := imbot.Queue(b, imbot.MethodBotRegister, imbot.BotRegisterRequest{
		Code: "new", Type: imbot.BotTypeSupervisor, EventHandler: handlerURL + "?a=1&b=2", OpenLine: new(imbot.Yes),
		Properties: imbot.BotProperties{Name: "New & old", Color: imbot.ColorMint, Photo: picture(dot)},
	})
	command := imbot.Queue(b, imbot.MethodCommandRegister, imbot.CommandRegisterRequest{
		BotID: imbottest.BotMain, Command: "/echo", EventCommandAdd: handlerURL, Lang: echo("Echo"), Common: new(imbot.Yes),
	})
	keyboard := content.NewKeyboard(
		content.Row(content.Button{Text: "Again", Command: "echo", CommandParams: "a & b", Block: true}, content.LinkButton("Site", "/")),
		content.Row(content.ActionButton("Copy", content.ActionCopy, "42")),
	)
	attach := content.NewAttach(content.MessageBlock("Details"), content.LinkBlock("Site", "/"), content.GridBlock(content.GridRow("Sum", 42)))
	menu := content.NewMenu(content.CommandItem("Again", "echo", "x"))
	message := imbot.Queue(b, imbot.MethodMessageAdd, imbot.MessageAddRequest{
		BotID: imbottest.BotMain, DialogID: imbottest.ChatGroup.DialogID(), Message: "Hello", Attach: attach, Keyboard: keyboard, Menu: menu,
	})
	do(b)
	botID, commandID, messageID := result(t, bot), result(t, command), result(t, message)

	alone, err := client.Message.Add(t.Context(), imbot.MessageAddRequest{
		BotID: imbottest.BotMain, DialogID: imbottest.ChatGroup.DialogID(), Message: "Hello", Attach: attach, Keyboard: keyboard, Menu: menu,
	})
	require.NoError(t, err)
	inBatch, byItself := messageIn(t, portal, messageID), messageIn(t, portal, alone.Result)
	assert.JSONEq(t, string(byItself.Attach), string(inBatch.Attach))
	assert.JSONEq(t, string(byItself.Keyboard), string(inBatch.Keyboard))
	assert.JSONEq(t, string(byItself.Menu), string(inBatch.Menu))
	assert.Equal(t, len(keyboard.Buttons), strings.Count(string(inBatch.Keyboard), `"TYPE":`), "no button is lost")

	b = client.NewBatch()
	renamed := imbot.Queue(b, imbot.MethodBotUpdate, imbot.BotUpdateRequest{BotID: botID, Fields: imbot.BotUpdateFields{
		Code: "newer", Properties: &imbot.BotProperties{Name: "Newer"},
	}})
	hidden := imbot.Queue(b, imbot.MethodCommandUpdate, imbot.CommandUpdateRequest{CommandID: commandID, Fields: imbot.CommandUpdateFields{
		Hidden: new(imbot.Yes), Lang: echo("Echo 2"),
	}})
	liked := imbot.Queue(b, imbot.MethodMessageLike, imbot.MessageLikeRequest{MessageID: given, Action: imbot.LikeSet})
	plain := imbot.Queue(b, imbot.MethodMessageUpdate, imbot.MessageUpdateRequest{
		MessageID: messageID, Message: "Bye", Attach: new(content.Attach), Keyboard: new(content.Keyboard), Menu: new(content.Menu),
	})
	deleted := imbot.Queue(b, imbot.MethodMessageDelete, imbot.MessageDeleteRequest{MessageID: alone.Result, Complete: new(imbot.Yes)})
	do(b)
	for _, queued := range []*imbot.Queued[bool]{renamed, hidden, liked, plain, deleted} {
		assert.True(t, result(t, queued))
	}
	left := messageIn(t, portal, messageID)
	assert.Equal(t, "Bye", left.Text)
	assert.Empty(t, string(left.Attach)+string(left.Keyboard)+string(left.Menu))
	assert.Equal(t, map[imbot.UserID][]string{imbot.UserID(imbottest.BotMain): {"like"}}, messageIn(t, portal, given).Reactions)

	b = client.NewBatch()
	gone := imbot.Queue(b, imbot.MethodCommandUnregister, imbot.CommandUnregisterRequest{CommandID: commandID})
	noBot := imbot.Queue(b, imbot.MethodBotUnregister, imbot.BotUnregisterRequest{BotID: botID})
	again := imbot.Queue(b, imbot.MethodBotUnregister, imbot.BotUnregisterRequest{BotID: botID})
	do(b)
	assert.True(t, result(t, gone))
	assert.True(t, result(t, noBot))
	_, err = again.Result()
	clienttest.MatchesOnly(t, err, imbot.ErrBotID)
}

// An answer is sent where the command was given, and for ten minutes.
func TestFamily_answersACommand(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	client := clienttest.ForBot(portal)
	_, err := client.Command.Register(t.Context(), imbot.CommandRegisterRequest{
		BotID: imbottest.BotMain, Command: "echo", EventCommandAdd: handlerURL, Lang: echo("Echo"),
	})
	require.NoError(t, err)
	earlier := portal.PostMessage(imbottest.ChatGroup, imbottest.Employee, "hello")
	answer := imbot.CommandAnswerRequest{
		Command: "echo", MessageID: earlier, Message: "hello", BotID: imbottest.BotMain,
		Keyboard: content.NewKeyboard(content.Row(content.CommandButton("Again", "echo", ""))),
	}

	_, err = client.Command.Answer(t.Context(), answer)

	clienttest.MatchesOnly(t, err, imbot.ErrDeclined, imbot.ErrUnexpectedResult)
	assert.Len(t, portal.Messages(imbottest.ChatGroup), 1, "nobody has given a command")

	answer.MessageID = portal.PostMessage(imbottest.ChatGroup, imbottest.Employee, "/echo hello")
	answered, err := client.Command.Answer(t.Context(), answer)

	require.NoError(t, err)
	sent := messageIn(t, portal, answered.Result.MessageID)
	assert.Equal(t, "hello", sent.Text)
	assert.Contains(t, string(sent.Keyboard), `"COMMAND":"echo"`)

	answer.Command = "other"
	_, err = client.Command.Answer(t.Context(), answer)
	clienttest.MatchesOnly(t, err, imbot.ErrCommandID)
}

// result returns the result of a call in a batch.
func result[Res any](t *testing.T, q *imbot.Queued[Res]) Res {
	t.Helper()
	response, err := q.Result()
	require.NoError(t, err)
	return response.Result
}

// messageIn returns a message of chat 13.
func messageIn(t *testing.T, portal *imbottest.Portal, id imbot.MessageID) imbottest.Message {
	t.Helper()
	for _, message := range portal.Messages(imbottest.ChatGroup) {
		if message.ID == id {
			return message
		}
	}
	require.NoError(t, errors.New("there is no such message"))
	return imbottest.Message{}
}
