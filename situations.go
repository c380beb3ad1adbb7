package imbot

// Situations of the methods beside imbot.chat.leave.
var (
	// ErrUserAddForbidden: chats of this kind settle their members themselves. Also matches [ErrAccess].
	ErrUserAddForbidden error = &situation{ErrAccess, "members may not be added to this chat"}
	// ErrUserNotAdded: the bot has no access to the chat, there is no such chat, or the users are members of it
	// already. Also matches [ErrWrongRequest].
	ErrUserNotAdded error = &situation{ErrWrongRequest, "the bot has no access to the chat, or the users are in it"}
	// ErrUserNotDeleted: the user is not a member, there is no such chat, or the bot may not remove this user. Also
	// matches [ErrWrongRequest].
	ErrUserNotDeleted error = &situation{ErrWrongRequest, "the user is not in the chat, or the bot may not remove it"}
)

// The rows that most tables of situations have.
var (
	refusedGeneralChat = refusal{code: ErrAccess, description: "Action unavailable", means: ErrActionUnavailable}
	refusedClientID    = refusal{code: ErrAccessDenied, description: "Access denied! Client ID not specified", means: ErrClientIDMissing}
)
