package imbotv2

import "github.com/seed-a6e4e5a4/imbot"

// Codes of bots. Others of them have their meaning in the first generation, too: see [imbot.ErrBotID], [imbot.ErrAppID]
// and [imbot.ErrClientIDMissing].
const (
	ErrParamsRequired         imbot.Code = "PARAMS_REQUIRED"           // neither an id nor a code of a bot
	ErrBotCodeRequired        imbot.Code = "BOT_CODE_REQUIRED"         // the code of the bot is missing
	ErrBotPropertiesRequired  imbot.Code = "BOT_PROPERTIES_REQUIRED"   // the name of the bot is missing
	ErrBotCodeAlreadyTaken    imbot.Code = "BOT_CODE_ALREADY_TAKEN"    // a bot of somebody else has the code
	ErrBotLimitExceeded       imbot.Code = "BOT_LIMIT_EXCEEDED"        // the portal has no room for another bot
	ErrBotInvalidType         imbot.Code = "BOT_INVALID_TYPE"          // the portal has no bots of this type
	ErrBotInvalidEventMode    imbot.Code = "BOT_INVALID_EVENT_MODE"    // the mode is neither fetch nor webhook
	ErrBotWebhookURLRequired  imbot.Code = "BOT_WEBHOOK_URL_REQUIRED"  // events are to be posted, and the address is missing
	ErrBotInvalidCallback     imbot.Code = "BOT_INVALID_CALLBACK"      // the address is not one that events can be posted to
	ErrBotAvatarIncorrectType imbot.Code = "BOT_AVATAR_INCORRECT_TYPE" // the avatar is not a picture
	ErrBotAvatarIncorrectSize imbot.Code = "BOT_AVATAR_INCORRECT_SIZE" // the avatar has more than 5000 pixels on a side
	ErrBotTokenInvalidLength  imbot.Code = "BOT_TOKEN_INVALID_LENGTH"  // the token has more than 40 characters
	ErrBotTokenRotationFailed imbot.Code = "BOT_TOKEN_ROTATION_FAILED" // the bot keeps its token, and the portal does not say why
	ErrBotRegisterFailed      imbot.Code = "BOT_REGISTER_FAILED"       // the portal could not make the bot
	ErrBotUpdateFailed        imbot.Code = "BOT_UPDATE_FAILED"         // the portal could not change the bot
	ErrBotUnregisterFailed    imbot.Code = "BOT_UNREGISTER_FAILED"     // the portal could not delete the bot
	ErrBotTypeNotAllowed      imbot.Code = "BOT_TYPE_NOT_ALLOWED"      // the method is for bots of other types: [BotTypeSupervisor], [BotTypePersonal]
)

// Codes of chats and their members. See [imbot.ErrNotInChat] and [ErrNotPermitted] as well.
const (
	ErrChatNotFound             imbot.Code = "CHAT_NOT_FOUND"              // there is no such chat, or the dialog id is not one
	ErrUserNotFound             imbot.Code = "USER_NOT_FOUND"              // the bot is not a member of an open chat, or there is no such user
	ErrUserInvitedFromStructure imbot.Code = "USER_INVITED_FROM_STRUCTURE" // the member is there with its department
	ErrEmptyUserIDs             imbot.Code = "EMPTY_USER_IDS"              // no users are named
	ErrWrongParameter           imbot.Code = "WRONG_PARAMETER"             // the avatar of a chat is not a picture
	ErrWrongMessageType         imbot.Code = "WRONG_MESSAGE_TYPE"          // it is not a group chat
	ErrCreation                 imbot.Code = "CREATION_ERROR"              // the portal could not make the chat
)

// Codes of messages and reactions. Where an older part of the portal fails, its code stands in the place of
// [ErrSendingFailed], [ErrCommandAnswerFailed] and [ErrFileSendFailed]: any other refusal of these methods means that
// nothing was sent, too.
const (
	ErrEmptyMessage                imbot.Code = "EMPTY_MESSAGE"                    // there is neither a text nor anything in its place
	ErrSendingFailed               imbot.Code = "SENDING_FAILED"                   // the message was not sent
	ErrParamAttach                 imbot.Code = "PARAM_ATTACH_ERROR"               // the attachment is not one, or is too large
	ErrParamKeyboard               imbot.Code = "PARAM_KEYBOARD_ERROR"             // the keyboard has no button, or is too large
	ErrReply                       imbot.Code = "REPLY_ERROR"                      // the message that is replied to is in another chat
	ErrTooManyMessages             imbot.Code = "TOO_MANY_MESSAGES"                // more than 100 messages are forwarded
	ErrWrongUUID                   imbot.Code = "WRONG_UUID"                       // the name of a forwarded message is not a UUID
	ErrMessagesInDifferentChat     imbot.Code = "MESSAGES_IN_DIFFERENT_CHAT_ERROR" // the forwarded messages are not of one chat
	ErrMessageDuplicatedByUUID     imbot.Code = "MESSAGE_DUPLICATED_BY_UUID"       // a message with this UUID is being sent
	ErrMessageNotFound             imbot.Code = "MESSAGE_NOT_FOUND"                // there is no such message
	ErrMessageAccessDenied         imbot.Code = "MESSAGE_ACCESS_DENIED"            // the bot may not see the message, or may not change it
	ErrMessageAccessDeniedByTariff imbot.Code = "MESSAGE_ACCESS_DENIED_BY_TARIFF"  // it is older than what the plan of the portal shows
	ErrReactionNotFound            imbot.Code = "REACTION_NOT_FOUND"               // the portal does not know the reaction, or the bot has not set it
	ErrReactionAlreadySet          imbot.Code = "REACTION_ALREADY_SET"             // the bot has set the reaction before
)

// Codes of commands.
const (
	ErrCommandRequired       imbot.Code = "COMMAND_REQUIRED"        // the word of the command is missing
	ErrCommandNameInvalid    imbot.Code = "COMMAND_NAME_INVALID"    // the word of the command is not a text, or has a blank in it
	ErrCommandNameEmpty      imbot.Code = "COMMAND_NAME_EMPTY"      // the new word of the command is empty
	ErrCommandTitleRequired  imbot.Code = "COMMAND_TITLE_REQUIRED"  // a command that is listed has to say what it does
	ErrCommandTitleInvalid   imbot.Code = "COMMAND_TITLE_INVALID"   // the titles of the command are not texts by language
	ErrCommandAlreadyExists  imbot.Code = "COMMAND_ALREADY_EXISTS"  // another command of the bot has the word
	ErrCommandNotFound       imbot.Code = "COMMAND_NOT_FOUND"       // the bot has no such command
	ErrCommandRegisterFailed imbot.Code = "COMMAND_REGISTER_FAILED" // the portal could not make the command
	ErrCommandAnswerFailed   imbot.Code = "COMMAND_ANSWER_FAILED"   // the message with the command is not known, or the answer was not sent
)

// Codes of events that are fetched.
const (
	ErrScope             imbot.Code = "SCOPE_ERROR"         // the scope im is missing, which events of the user need
	ErrAuth              imbot.Code = "AUTH_ERROR"          // the portal cannot tell whose events are meant
	ErrUserNotSubscribed imbot.Code = "USER_NOT_SUBSCRIBED" // the user is not subscribed to events
)

// Codes of files.
const (
	ErrFileEmpty          imbot.Code = "FILE_EMPTY"           // the name or the content of the file is missing
	ErrFileTooLarge       imbot.Code = "FILE_TOO_LARGE"       // the file has more than 100 MiB
	ErrFileInvalidContent imbot.Code = "FILE_INVALID_CONTENT" // the content of the file is not base64
	ErrFileFolder         imbot.Code = "FILE_FOLDER_ERROR"    // the chat has no folder that the file could be put into
	ErrFileUploadFailed   imbot.Code = "FILE_UPLOAD_FAILED"   // the portal could not store the file
	ErrFileSendFailed     imbot.Code = "FILE_SEND_FAILED"     // the file is stored, and the message with it was not sent
	ErrFileNotFound       imbot.Code = "FILE_NOT_FOUND"       // there is no such file
	ErrFileAccess         imbot.Code = "FILE_ACCESS_ERROR"    // the bot may not read the file
)

// Codes of files that users send: of im.v2.File.upload.
const (
	ErrFolder       imbot.Code = "FOLDER_ERROR"  // as [ErrFileFolder]
	ErrUploadFailed imbot.Code = "UPLOAD_FAILED" // as [ErrFileUploadFailed]
	ErrSendFailed   imbot.Code = "SEND_FAILED"   // as [ErrFileSendFailed]
)

// ErrNotPermitted says that the bot is not in the chat, or is there without the right to do this. Portals have one code
// for both, and this matches it: [imbot.ErrAccessDenied]. Methods for which it is enough to be in the chat say
// [imbot.ErrNotInChat] instead.
var ErrNotPermitted error = &situation{imbot.ErrAccessDenied, "the bot is not in the chat, or may not do this there"}

// situation is a reason behind a code, as those of [imbot.ErrNotInChat] and others.
type situation struct {
	code imbot.Code
	text string
}

func (s *situation) Error() string { return "imbotv2: " + s.text }

// Unwrap makes a situation match its documented code.
func (s *situation) Unwrap() error { return s.code }

// Advice is for [imbot.Explain].
func (s *situation) Advice() imbot.Advice {
	return imbot.Advice{Meaning: s.text, Action: "check whether the bot is in the chat, and its role there"}
}
