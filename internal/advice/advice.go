// Package advice has what the codes of Bitrix24 mean, and what to do about each, in words for people.
package advice

import "strings"

// Text is what is said of one code.
type Text struct {
	Meaning   string // what happened, as part of a sentence
	Action    string // what to do about it, likewise
	Temporary bool   // the same call may fare better later, though nobody does anything
}

// OfCode returns the text for a code, letter case aside.
func OfCode(code string) (text Text, found bool) {
	code = strings.ToUpper(code)
	for _, table := range []map[string]Text{system, first, second} {
		if text, found = table[code]; found {
			return text, true
		}
	}
	return Text{}, false
}

// What many rows say.
const (
	fixIt      = "fix the request"
	readText   = "read the text of the error"
	checkChat  = "check the id of the chat"
	checkBot   = "check the id of the bot (imbot.bot.list)"
	checkUser  = "check the id of the user"
	makeRoom   = "make it smaller"
	fixAddress = "name an https address that the portal can reach"
	readCheck  = "look whether it was done, and try again later"
)

// system has the codes of the REST interface itself and of the OAuth server.
var system = map[string]Text{
	"QUERY_LIMIT_EXCEEDED":           {"there were too many requests; the call was not executed", "try again later; let all programs at one address share a limiter", true},
	"OPERATION_TIME_LIMIT":           {"the method has used up the working time it has per ten minutes; the call was not executed", "wait until the portal takes it again, ten minutes at most", true},
	"OVERLOAD_LIMIT":                 {"Bitrix24 has blocked the application or webhook by hand", "ask the support of Bitrix24", false},
	"EXPIRED_TOKEN":                  {"the OAuth access token has expired", "get another token", false},
	"INVALID_TOKEN":                  {"the portal does not know the OAuth access token", "get another token", false},
	"NO_AUTH_FOUND":                  {"the request carried no credentials that the portal could read", "check the webhook or the token", false},
	"INVALID_CREDENTIALS":            {"the webhook is wrong, was deleted or disabled, or has expired", "create a new webhook", false},
	"INSUFFICIENT_SCOPE":             {"the webhook or application lacks the scope of the method, which is imbot for those of this library", "grant the scope", false},
	"USER_ACCESS_ERROR":              {"the user behind the token has no access to the application", "let an administrator of the portal grant it", false},
	"ACCESS_DENIED":                  {"the caller may not do this: REST is not part of the plan, no CLIENT_ID was named, or the bot lacks the right", readText, false},
	"ERROR_METHOD_NOT_FOUND":         {"the portal has no such method; a webhook address without its user id leads to the same", "check the name of the method and the address of the webhook", false},
	"PORTAL_DELETED":                 {"the portal was closed", "remove the portal from your records", false},
	"INVALID_REQUEST":                {"the request came over plain HTTP, or a parameter for the OAuth server is missing", fixIt, false},
	"INTERNAL_SERVER_ERROR":          {"the portal failed, and may have acted before", readCheck, false},
	"ERROR_UNEXPECTED_ANSWER":        {"the portal's front got no usable answer from behind; the portal may have acted", readCheck, false},
	"PAYMENT_REQUIRED":               {"the subscription of the portal or of the application has ended", "let the owner of the portal pay", false},
	"APPLICATION_NOT_FOUND":          {"the application behind the token is not installed on the portal", "install the application again", false},
	"ERROR_BATCH_LENGTH_EXCEEDED":    {"the batch has more than fifty commands", "use several batches", false},
	"ERROR_BATCH_METHOD_NOT_ALLOWED": {"the method may not stand in a batch", "call the method by itself", false},

	"INVALID_GRANT":  {"the code or refresh token was used before, has expired, or is another application's", "authorize the application again", false},
	"INVALID_CLIENT": {"the id or the secret of the application is wrong, or the application is not installed", "check both with the card of the application", false},
	"WRONG_CLIENT":   {"the OAuth server does not know the id of the application", "check the id with the card of the application", false},
	"INVALID_SCOPE":  {"more was asked for than the application was granted", "grant the scope to the application, or ask for less", false},
}

// first has the codes of the first generation of the chat-bot methods.
var first = map[string]Text{
	"CHAT_ID_EMPTY":     {"the chat id is missing or not positive", checkChat, false},
	"ACCESS_ERROR":      {"the chat does not allow this, for another reason than those that have a name here", readText, false},
	"WRONG_REQUEST":     {"the method refuses the request, for another reason than those that have a name here", readText, false},
	"BOT_ID_ERROR":      {"the portal has no such bot; where the request names none, the application has no bot", checkBot, false},
	"APP_ID_ERROR":      {"the bot belongs to another application, or was registered with another CLIENT_ID", "use the application or the CLIENT_ID that registered the bot", false},
	"DIALOG_ID_EMPTY":   {"the dialog id is missing or is not one", "check the id of the dialog: chat13, or the number of a user", false},
	"USER_ID_EMPTY":     {"the user id is missing or not positive", checkUser, false},
	"TITLE_EMPTY":       {"the title is missing or blank", "give the chat a title", false},
	"WRONG_COLOR":       {"the color is not one of those that Bitrix24 has for chats", "take one of the colors of this library", false},
	"AVATAR_ERROR":      {"the avatar is not a picture, or is too large", "send another picture", false},
	"INVALID_FORMAT":    {"a parameter has the wrong type", fixIt, false},
	"WRONG_AUTH_TYPE":   {"the method may not be called with this kind of credentials", "use a webhook instead of an application, or the other way round", false},
	"AUTHORIZE_ERROR":   {"the method is not for the session of a guest", "use the credentials of an employee", false},
	"MESSAGE_ID_ERROR":  {"the message id is missing or not positive", "check the id of the message", false},
	"MESSAGE_EMPTY":     {"the message has no text", "give the message a text; a new message needs one beside an attachment, too", false},
	"CANT_EDIT_MESSAGE": {"the message is not the bot's, is not there, or is too old to be changed", "send another message", false},
	"WITHOUT_CHANGES":   {"the message has the like that it is to have, or is not there", "nothing", false},
	"COMMAND_ID_ERROR":  {"the portal has no such command", "check the id of the command", false},

	"ACCESS_DENIED_KICK":   {"who is to leave is not in the chat, or may not be removed from it, or there is no such chat", checkChat, false},
	"ACCESS_DENIED_EXTEND": {"the users are in the chat, or may not be added to it, or there is no such chat", checkChat, false},
	"IM_ERROR_KICK":        {"the user is not in the chat, or may not be removed from it", checkUser, false},

	"CODE_ERROR":                  {"the code of the bot is missing", fixIt, false},
	"NAME_ERROR":                  {"the name of the bot is missing", fixIt, false},
	"MAX_COUNT_ERROR":             {"the application has as many bots as it may", "unregister a bot", false},
	"EVENT_MESSAGE_ADD_ERROR":     {"the address for messages, or for all events, is missing or not valid", fixAddress, false},
	"EVENT_MESSAGE_UPDATE_ERROR":  {"the address for changed messages is not valid", fixAddress, false},
	"EVENT_MESSAGE_DELETE_ERROR":  {"the address for deleted messages is not valid", fixAddress, false},
	"EVENT_WELCOME_MESSAGE_ERROR": {"the address for joining chats is missing or not valid", fixAddress, false},
	"EVENT_BOT_DELETE_ERROR":      {"the address for the deletion of the bot is missing or not valid", fixAddress, false},
	"EVENT_COMMAND_ADD_ERROR":     {"the address for commands is missing or not valid", fixAddress, false},
	"COMMAND_ERROR":               {"the word of the command is missing", fixIt, false},
	"LANG_ERROR":                  {"the texts of the command are missing", fixIt, false},
	"MESSAGE_ID_EMPTY":            {"the message that a command is answered in is missing", "take the id from the event of the command", false},
	"ATTACH_ERROR":                {"the attachment is not valid", "make it by package content", false},
	"ATTACH_OVERSIZE":             {"the attachment is too large", makeRoom, false},
	"KEYBOARD_ERROR":              {"the keyboard is not valid", "make it by package content", false},
	"KEYBOARD_OVERSIZE":           {"the keyboard is too large", makeRoom, false},
	"MENU_ERROR":                  {"the menu is not valid", "make it by package content", false},
	"MENU_OVERSIZE":               {"the menu is too large", makeRoom, false},
}
