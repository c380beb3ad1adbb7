package methods

// The failures of the methods of version 2. Other than in version 1, all of them are a 400.
var (
	errV2Token     = BadRequest("BOT_TOKEN_NOT_SPECIFIED", "Bot token is not specified")
	errV2NoBot     = BadRequest("BOT_ID_REQUIRED", "Bot ID is required")
	errV2Bot       = BadRequest("BOT_NOT_FOUND", "Bot not found")
	errV2Ownership = BadRequest("BOT_OWNERSHIP_ERROR", "Bot is registered by another application").
			With("BOT_OWNERSHIP_ERROR", "Bot was installed by another rest application")
	errV2Chat      = BadRequest("CHAT_NOT_FOUND", "Chat not found")
	errV2Access    = BadRequest("ACCESS_DENIED", "Access denied")
	errV2NotMember = BadRequest("USER_NOT_FOUND", "User not found")
	errV2Structure = BadRequest("USER_INVITED_FROM_STRUCTURE", "User was added to the chat with their department")

	errCodeRequired       = BadRequest("BOT_CODE_REQUIRED", "Bot code is required")
	errPropertiesRequired = BadRequest("BOT_PROPERTIES_REQUIRED", "Bot properties are required")
	errEventMode          = BadRequest("BOT_INVALID_EVENT_MODE", "Invalid event mode")
	errWebhookRequired    = BadRequest("BOT_WEBHOOK_URL_REQUIRED", "Webhook URL is required")
	errCallback           = BadRequest("BOT_INVALID_CALLBACK", "Invalid callback URL")
	errCodeTaken          = BadRequest("BOT_CODE_ALREADY_TAKEN", "Bot code is already taken")
	errBotType            = BadRequest("BOT_INVALID_TYPE", "Invalid bot type")
	errV2AvatarType       = BadRequest("BOT_AVATAR_INCORRECT_TYPE", "Avatar must be an image")
	errV2AvatarSize       = BadRequest("BOT_AVATAR_INCORRECT_SIZE", "Avatar exceeds maximum size")
	errTokenLength        = BadRequest("BOT_TOKEN_INVALID_LENGTH", "Bot token is too long")
	errRotation           = BadRequest("BOT_TOKEN_ROTATION_FAILED", "Bot token rotation failed")
	errParamsRequired     = BadRequest("PARAMS_REQUIRED", "Required parameters are missing")

	errParameter = BadRequest("WRONG_PARAMETER", "Wrong parameter")
	errOrder     = BadRequest("0", "Invalid order")

	errTooManyMessages = BadRequest("TOO_MANY_MESSAGES", "Too many messages")
	errUUID            = BadRequest("WRONG_UUID", "Wrong UUID")
	errDifferentChats  = BadRequest("MESSAGES_IN_DIFFERENT_CHAT_ERROR", "Messages are in different chats")
	errMessageNotFound = BadRequest("MESSAGE_NOT_FOUND", "Message not found")
	errMessageEmpty    = BadRequest("EMPTY_MESSAGE", "Message is empty")
	errMessageType     = BadRequest("EMPTY_MESSAGE", "Wrong message type")
	errAttach          = BadRequest("PARAM_ATTACH_ERROR", "Incorrect attach params")
	errKeyboard        = BadRequest("PARAM_KEYBOARD_ERROR", "Incorrect keyboard params")
	errReply           = BadRequest("REPLY_ERROR", "Message is in another chat")

	errCommandName     = BadRequest("COMMAND_NAME_INVALID", "Command name is invalid")
	errCommandRequired = BadRequest("COMMAND_REQUIRED", "Command is required")
	errCommandTitle    = BadRequest("COMMAND_TITLE_REQUIRED", "Command title is required")
	errCommandNotFound = BadRequest("COMMAND_NOT_FOUND", "Command not found")
	errCommandAnswer   = BadRequest("COMMAND_ANSWER_FAILED", "Command answer failed")

	errFileEmpty    = BadRequest("FILE_EMPTY", "File name or content is empty")
	errFileTooLarge = BadRequest("FILE_TOO_LARGE", "File is too large")
	errFileContent  = BadRequest("FILE_INVALID_CONTENT", "Invalid base64 content")
	errFileNotFound = BadRequest("FILE_NOT_FOUND", "File not found")
	errFileAccess   = BadRequest("FILE_ACCESS_ERROR", "File access error")
)
