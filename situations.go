package imbot

// Situations: what a refusal means, where Bitrix24 has one code for several reasons or several codes for one. Each
// also matches the documented code, and the error that carries it matches the code that was received.
var (
	// ErrLeaveOwnerForbidden: the bot owns the chat, and a chat of this kind does not let its owner leave. Hand it
	// over to another member first (imbot.chat.setOwner). Also matches [ErrAccess].
	ErrLeaveOwnerForbidden error = &situation{ErrAccess, "the owner of the chat may not leave it"}
	// ErrActionUnavailable: it is the general chat of the portal, which the methods of the first generation leave as it
	// is. [V2ChatService.Leave] does not ask. Also matches [ErrAccess].
	ErrActionUnavailable error = &situation{ErrAccess, "the action is not available in this chat"}
	// ErrUserDeleteForbidden: members of chats of this kind (of a workgroup, a call, the support) are managed
	// outside of the chat. Also matches [ErrAccess].
	ErrUserDeleteForbidden error = &situation{ErrAccess, "members of this chat may not be removed"}
	// ErrNotInChat: the bot is not a member, there is no such chat, the chat is a private one, or, on older portals,
	// the bot may not leave. Also matches [ErrWrongRequest].
	ErrNotInChat error = &situation{ErrWrongRequest, "the bot is not in the chat"}
	// ErrClientIDMissing: a webhook call named no CLIENT_ID; see [WithClientID]. Also matches [ErrAccessDenied].
	ErrClientIDMissing error = &situation{ErrAccessDenied, "the call names no CLIENT_ID"}
	// ErrUserAddForbidden: members of chats of this kind are managed outside of the chat. Also matches [ErrAccess].
	ErrUserAddForbidden error = &situation{ErrAccess, "members may not be added to this chat"}
	// ErrUserNotAdded: the bot has no access to the chat, there is no such chat, or the users are members of it
	// already. Also matches [ErrWrongRequest].
	ErrUserNotAdded error = &situation{ErrWrongRequest, "the bot has no access to the chat, or the users are in it"}
	// ErrUserNotDeleted: the user is not a member, there is no such chat, or the bot may not remove this user. Also
	// matches [ErrWrongRequest].
	ErrUserNotDeleted error = &situation{ErrWrongRequest, "the user is not in the chat, or the bot may not remove it"}
)

// situation is a reason behind a code. It is recognized by the method that was called (see refusal) and travels
// inside the APIError.
type situation struct {
	code Code
	text string
}

func (s *situation) Error() string { return "imbot: " + s.text }

// Unwrap makes a situation match its documented code.
func (s *situation) Unwrap() error { return s.code }

// The rows that most tables of situations have.
var (
	refusedGeneralChat = Refusal{Code: ErrAccess, Description: "Action unavailable", Means: ErrActionUnavailable}
	refusedKind        = Refusal{Code: ErrAccess, Description: "It is forbidden to delete users of this chat", Means: ErrUserDeleteForbidden}
	refusedOwner       = Refusal{Code: "LEAVE_OWNER_FORBIDDEN", Means: ErrLeaveOwnerForbidden}
	refusedOwnerByText = Refusal{Code: ErrAccess, Description: "LEAVE_OWNER_FORBIDDEN", Means: ErrLeaveOwnerForbidden}
	refusedStructure   = Refusal{Code: "USER_INVITED_FROM_STRUCTURE", Means: ErrWrongRequest}
	refusedClientID    = Refusal{Code: ErrAccessDenied, Description: "Access denied! Client ID not specified", Means: ErrClientIDMissing}
)
