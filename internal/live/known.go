package main

import "strings"

// keys are the names of members that Bitrix24 documents. All others are masked.
var keys = set(`
	ACTION ACTION_VALUE APP_ID APP_PARAMS ATTACH AVATAR AVATAR_TYPE BG_COLOR BG_COLOR_TOKEN BLOCK BLOCKS BOT_ID
	BUTTONS CHAT_ID CLIENT_ID CODE COLOR COLOR_TOKEN COMMAND COMMAND_PARAMS CONTEXT DELIMITER DESC DESCRIPTION
	DIALOG_ID DISABLED DISPLAY EMAIL ENTITY_ID ENTITY_TYPE EVENT_BOT_DELETE EVENT_HANDLER EVENT_MESSAGE_ADD
	EVENT_MESSAGE_DELETE EVENT_MESSAGE_UPDATE EVENT_WELCOME_MESSAGE FILE FILE_ID FROM_USER_ID GRID HEIGHT
	HIDE_HISTORY HTML ID IMAGE IS_MANAGER ITEMS KEYBOARD LAST_NAME LINK MENU MESSAGE NAME NETWORK_ID OFF_BG_COLOR
	OFF_TEXT_COLOR OPENLINE PARAMS PERSONAL_BIRTHDAY PERSONAL_GENDER PERSONAL_PHOTO PERSONAL_WWW PREVIEW PROPERTIES
	REPLY_ID SIZE SKIP_CONNECTOR SYSTEM TEXT TEXT_COLOR TITLE TO_USER_ID TYPE URL_PREVIEW USER USERS USER_ID VALUE
	WIDTH WORK_POSITION absent active additionalMessages attach authorId authorName author_id avatar backgroundId
	birthday bot botId botToken bots canPost category chat chatId chat_id code color command commandId commands
	common complete connector containsCollaber content context countChat countCommand countMessage countOfViewers
	countUser counter data date dateCreate date_finish date_start departments description desktop desktopLastDate
	dialogId diskFolderId downloadUrl duration email enabled entityData1 entityData2 entityData3 entityId entityLink
	entityType error error_description eventId eventMode events extension externalAuthId extranet extranetSupport
	fields file fileId filter finish firstName firstViewers forward forwardIds gender hasMore hasNextPage
	hasPrevPage hidden id idle image isHidden isNew isReactionsEnabled isSupportOpenline isSystem isTranscribable
	isVideoNote isVoiceNote keyboard language lastActivityDate lastId lastMessageId lastMessageViews lastName
	lastSendMessageId limit link manageMessages manageSettings manageUi manageUsersAdd manageUsersDelete managerList
	markedId message messageCount messageId messageType messages mobile mobileLastDate moduleId muteList name
	nextOffset offset operating operating_reset_at order owner ownerId params parentChatId parentMessageId
	permissions phones processing properties public range reaction replyId rest result role size start status
	statusMessageCode system templateId text textFieldEnabled time title type unread unreadId url urlPreview user
	userCounter userId userIds users uuid uuidMap validation viewed viewedByOthers viewedMessages web webhookUrl
	website withUserEvents workPosition
`)

// codeWords are what the documented codes are made of.
var codeWords = set(`
	0 100 ACCESS ADD ALLOWED ALREADY ANSWER APP APPLICATION ATTACH AUTH AUTHORIZE AVATAR BOT CALLBACK CANT CHANGES
	CHAT CODE COLOR COMMAND CONTENT CORE COUNT CREDENTIALS DELETE DELETED DENIED DIALOG EDIT EMPTY ERROR EVENT
	EXCEEDED EXISTS FAILED FILE FOLDER FORBIDDEN FORMAT FOUND FROM HASH HTTPS ID IDS IFRAME INCORRECT INTERNAL
	INVALID INVITED KEYBOARD KICK LANG LARGE LEAVE LIMIT MAX MENU MESSAGE METHOD MODE NAME NO NOT OPERATION OVERLOAD
	OVERSIZE OWNER OWNERSHIP PARAMS PAYMENT PORTAL PROPERTIES QUERY REACTION REGISTER REQUEST REQUIRED ROTATION
	SCOPE SEND SENDING SERVER SET SIZE SPECIFIED STRUCTURE SUBSCRIBED TAKEN TIME TITLE TOKEN TOO TYPE UNEXPECTED
	UNREGISTER UPDATE UPLOAD URL USER WEBHOOK WELCOME WITHOUT WRONG access client error expired grant insufficient
	invalid menu scope token user
`)

// textWords are the words of the documented descriptions of errors. A description may name people.
var textWords = set(`
	Access Action Auth Avatar Bot CHAT_NOT_FOUND Change Chat Client Command Current Dialog Empty Failed File Handler
	Has ID IDs Incorrect Invalid It LEAVE_OWNER_FORBIDDEN Lang Many Message Method Parameter REST Reaction Required
	Scope Sending The This Time Title Too URL USERS Update User Webhook Welcome Wrong You access add added allowable
	allowed already an and another answer application are array attach authorization authorized available avatar
	base be bot bots by callback can can't cannot changed changes chat code color commercial completed content
	context created credentials currently delete deleted denied dialog do don't empty error event exceeded exceeds
	exists expired failed fields folder for forbidden format found get guest handler has have higher image in
	incorrect installed invalid is isn't keyboard large limit manager many max maximum member menu message method
	missing mode modification must name not number of only or owner parameters params passed plans privileges
	properties provided reached registered registration renamed request requests required requires rest rotation
	send session set size specified subscribed subscription taken than the this title to token too type unavailable
	unregistration updated upload user users was webhook without wrong you
`)

// enums are values that a member of [enumKeys] can have by the documentation.
var enums = set(`
	ALL B BLOCK BUTTON C DESKTOP F H L LINE M MOBILE NEWLINE O ONIMBOTV2COMMANDADD ONIMBOTV2CONTEXTGET
	ONIMBOTV2DELETE ONIMBOTV2JOINCHAT ONIMBOTV2MESSAGEADD ONIMBOTV2MESSAGEDELETE ONIMBOTV2MESSAGEUPDATE
	ONIMBOTV2REACTIONCHANGE P S away bot channel chat collaber copilot default dnd email employee en extranet fetch
	generalChannel guest keyboard manager member menu network none offline online open openChannel openline owner
	personal private rest ru supervisor textarea thread webhook
`)

// enumKeys are the members, in the form of [plain], that have one of few values.
var enumKeys = set(`
	canpost context display eventmode externalauthid language managemessages managesettings manageui manageusersadd
	manageusersdelete messagetype moduleid role status type
`)

// secretKeys are the members that have secrets.
var secretKeys = set(`
	accesstoken applicationtoken auth bottoken clientid downloadurl refreshtoken
`)

// countKeys are the members whose numbers say nothing of people.
var countKeys = set(`
	countchat countcommand counter countmessage countofviewers countuser desktop duration height limit messagecount
	mobile rest size usercounter web width
`)

// timeKeys are the members of the time of an answer.
var timeKeys = set(`
	datefinish datestart duration finish operating operatingresetat processing start
`)

// idKeys are the members that have ids, and of what.
var idKeys = map[string]string{
	"botid": "BOT", "userid": "USER", "userids": "USER", "users": "USER", "authorid": "USER", "owner": "USER",
	"ownerid": "USER", "managerlist": "USER", "mutelist": "USER", "chatid": "CHAT", "parentchatid": "CHAT",
	"dialogid": "USER", "messageid": "MESSAGE", "parentmessageid": "MESSAGE", "replyid": "MESSAGE",
	"lastmessageid": "MESSAGE", "lastid": "MESSAGE", "unreadid": "MESSAGE", "markedid": "MESSAGE",
	"eventid": "EVENT", "nextoffset": "EVENT", "offset": "EVENT", "commandid": "COMMAND", "fileid": "FILE",
	"diskfolderid": "FOLDER",
}

// idParents are the objects whose id has no name of its own.
var idParents = map[string]string{
	"bot": "BOT", "bots": "BOT", "user": "USER", "users": "USER", "chat": "CHAT", "message": "MESSAGE",
	"additionalmessages": "MESSAGE", "command": "COMMAND", "file": "FILE", "result": "MESSAGE",
}

// idResults are the methods that answer with nothing but ids.
var idResults = map[string]string{
	"imbot.register": "BOT", "imbot.chat.add": "CHAT", "imbot.message.add": "MESSAGE", "imbot.chat.user.list": "USER",
}

// set returns the words of a text.
func set(text string) map[string]bool {
	words := map[string]bool{}
	for _, word := range strings.Fields(text) {
		words[word] = true
	}
	return words
}
