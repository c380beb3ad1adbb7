package events

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// secondNames are the names that the second generation has for events of the first.
var secondNames = map[string]string{
	MessageAdd:    imbotv2.EventMessageAdd,
	MessageUpdate: imbotv2.EventMessageUpdate,
	MessageDelete: imbotv2.EventMessageDelete,
	JoinChat:      imbotv2.EventJoinChat,
	BotDelete:     imbotv2.EventBotDelete,
	CommandAdd:    imbotv2.EventCommandAdd,
	ContextGet:    imbotv2.EventContextGet,
}

// first yields the data of an event of the first generation as the second has it, once for each bot or command. What
// has no place there is kept where it was.
func (e *Event) first(name string, data object) iter.Seq[object] {
	params := data.sub("PARAMS")
	common := maps.Clone(data)
	if common == nil {
		common = object{}
	}
	for _, key := range []string{"BOT", "COMMAND", "BOT_ID", "BOT_CODE"} { // each event has its own
		delete(common, key)
	}
	common.put("chat", chatOf(params)).put("user", userOf(data.sub("USER"), params)).
		put("language", params.text("LANGUAGE")).put("dialogId", params.text("DIALOG_ID"))
	switch name {
	case imbotv2.EventMessageAdd, imbotv2.EventMessageUpdate, imbotv2.EventCommandAdd:
		common.put("message", messageOf(params))
	case imbotv2.EventMessageDelete:
		common.put("messageId", params.text("MESSAGE_ID", "ID"))
	case imbotv2.EventContextGet:
		common["context"] = params["CONTEXT"]
	}
	if commands := data.sub("COMMAND"); name == imbotv2.EventCommandAdd && len(commands) > 0 {
		return eachCommand(common, commands)
	}
	return e.eachBot(common)
}

// eachBot yields the data for each bot, and as it is if there is none.
func (e *Event) eachBot(common object) iter.Seq[object] {
	return func(yield func(object) bool) {
		for _, bot := range e.Bots {
			part := maps.Clone(common)
			part["bot"] = object{"id": strconv.FormatInt(int64(bot.ID), 10), "code": bot.Code}
			if !yield(part) {
				return
			}
		}
		if len(e.Bots) == 0 {
			yield(common)
		}
	}
}

// eachCommand yields the data for each command, in the order of their ids, and no more than there may be.
func eachCommand(common, commands object) iter.Seq[object] {
	byID := func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) }
	return func(yield func(object) bool) {
		ids := slices.SortedFunc(maps.Keys(commands), byID)
		for _, id := range ids[:min(len(ids), maxParts)] {
			given := commands.sub(id)
			command := object{"id": cmp.Or(given.text("COMMAND_ID"), id)}
			if word := given.text("COMMAND"); word != "" {
				command["command"] = "/" + strings.TrimPrefix(word, "/")
			}
			params, _ := given["COMMAND_PARAMS"].(string)
			command.put("params", params).put("context", strings.ToLower(given.text("COMMAND_CONTEXT")))
			part := maps.Clone(common)
			part["command"] = command
			part.put("bot", object{}.put("id", given.text("BOT_ID")).put("code", given.text("BOT_CODE")))
			if message := given.text("MESSAGE_ID"); message != "" {
				own := object{"id": message}
				if common.sub("message").text("id") == message {
					own = common.sub("message")
				}
				part["message"] = own
			}
			if !yield(part) {
				return
			}
		}
	}
}

// chatTypes are the names of the second generation for the letters that the first has for chats.
var chatTypes = map[string]imbotv2.ChatType{
	privateChat: imbotv2.ChatPrivate, "C": imbotv2.ChatGroup, "O": imbotv2.ChatOpen, "N": imbotv2.ChatChannel,
	"J": imbotv2.ChatOpenChannel, "T": imbotv2.ChatThread, "A": imbotv2.ChatCopilot,
}

func chatOf(params object) object {
	letter := params.text("CHAT_TYPE", "MESSAGE_TYPE")
	return object{}.
		put("id", params.text("CHAT_ID", "TO_CHAT_ID")).
		put("dialogId", params.text("DIALOG_ID")).
		put("messageType", letter).
		put("type", string(chatTypes[letter])).
		put("name", params.text("CHAT_TITLE")).
		put("owner", params.text("CHAT_AUTHOR_ID")).
		put("extranet", params.text("CHAT_EXTRANET")).
		put("entityType", params.text("CHAT_ENTITY_TYPE")).
		put("entityId", params.text("CHAT_ENTITY_ID")).
		put("entityData1", params.text("CHAT_ENTITY_DATA_1")).
		put("entityData2", params.text("CHAT_ENTITY_DATA_2")).
		put("entityData3", params.text("CHAT_ENTITY_DATA_3")).
		put("parentChatId", params.text("CHAT_PARENT_ID")).
		put("parentMessageId", params.text("CHAT_PARENT_MID"))
}

// userOf returns who did it. Of a message that was changed in a group only the author is known.
func userOf(user, params object) object {
	return object{}.
		put("id", cmp.Or(user.text("ID"), params.text("USER_ID", "FROM_USER_ID", "AUTHOR_ID"))).
		put("name", user.text("NAME")).
		put("firstName", user.text("FIRST_NAME")).
		put("lastName", user.text("LAST_NAME")).
		put("workPosition", user.text("WORK_POSITION")).
		put("gender", user.text("GENDER")).
		put("bot", user.text("IS_BOT")).
		put("connector", user.text("IS_CONNECTOR")).
		put("extranet", user.text("IS_EXTRANET"))
}

func messageOf(params object) object {
	text, _ := params["MESSAGE"].(string)
	if original, _ := params["MESSAGE_ORIGINAL"].(string); original != "" {
		text = original
	}
	message := object{}.
		put("id", params.text("MESSAGE_ID", "ID")).
		put("chatId", params.text("CHAT_ID", "TO_CHAT_ID")).
		put("authorId", params.text("AUTHOR_ID", "FROM_USER_ID")).
		put("text", text).
		put("isSystem", params.text("SYSTEM")).
		put("uuid", params.text("TEMPLATE_ID"))
	more := maps.Clone(params.sub("PARAMS"))
	if files := params.sub("FILES"); len(files) > 0 && more["FILE_ID"] == nil {
		if more == nil {
			more = object{}
		}
		more["FILE_ID"] = slices.Sorted(maps.Keys(files))
	}
	return message.put("params", more)
}
