package imbot

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/seed-a6e4e5a4/imbot/internal/envelope"
	"github.com/seed-a6e4e5a4/imbot/internal/outcome"
)

// Code is an error code of Bitrix24, and an error itself: any code can be asked for, by errors.Is(err,
// Code("NEW_CODE")). Letter case does not matter.
type Code string

// Error returns the code itself.
func (c Code) Error() string { return string(c) }

// Is reports whether target is the same code, letter case aside.
func (c Code) Is(target error) bool {
	other, ok := target.(Code)
	return ok && strings.EqualFold(string(c), string(other))
}

// Codes of the chat-bot methods.
const (
	ErrChatIDEmpty   Code = "CHAT_ID_EMPTY"   // the chat id is missing, zero or negative
	ErrAccess        Code = "ACCESS_ERROR"    // the chat does not allow this; the situations below tell the reasons apart
	ErrWrongRequest  Code = "WRONG_REQUEST"   // the method refuses the request; each method means something else by it, see [ErrNotInChat]
	ErrBotID         Code = "BOT_ID_ERROR"    // the portal has no such bot, or, where the request names none, the application has no bot at all
	ErrAppID         Code = "APP_ID_ERROR"    // the bot belongs to another application, or was registered with another CLIENT_ID
	ErrDialogIDEmpty Code = "DIALOG_ID_EMPTY" // the dialog id is missing or is not one
	ErrUserIDEmpty   Code = "USER_ID_EMPTY"   // the user id is missing, zero or negative
	ErrTitleEmpty    Code = "TITLE_EMPTY"     // the title is missing or blank
	ErrWrongColor    Code = "WRONG_COLOR"     // the color is not one of those that Bitrix24 has for chats
	ErrAvatar        Code = "AVATAR_ERROR"    // the avatar is not a picture, or is too large
	ErrInvalidFormat Code = "INVALID_FORMAT"  // a parameter has the wrong type
	ErrWrongAuthType Code = "WRONG_AUTH_TYPE" // the method may not be called with this kind of credentials
	ErrAuthorize     Code = "AUTHORIZE_ERROR" // the method is not for the session of a guest

	ErrMessageID       Code = "MESSAGE_ID_ERROR"  // the message id is missing, zero or negative
	ErrMessageEmpty    Code = "MESSAGE_EMPTY"     // the message has no text
	ErrCantEditMessage Code = "CANT_EDIT_MESSAGE" // the message is not the bot's, is not there, or is too old to be changed
	ErrWithoutChanges  Code = "WITHOUT_CHANGES"   // the message has the like that it is to have, or is not there
	ErrCommandID       Code = "COMMAND_ID_ERROR"  // the portal has no such command
)

// Codes of registering bots and commands, and of parts of messages, in the first generation.
const (
	ErrBotCodeEmpty        Code = "CODE_ERROR"                  // the code of the bot is missing
	ErrBotNameEmpty        Code = "NAME_ERROR"                  // the name of the bot is missing
	ErrMaxCount            Code = "MAX_COUNT_ERROR"             // the application has as many bots as it may
	ErrEventMessageAdd     Code = "EVENT_MESSAGE_ADD_ERROR"     // the address for messages, or for all events, is missing or not valid
	ErrEventMessageUpdate  Code = "EVENT_MESSAGE_UPDATE_ERROR"  // the address for changed messages is not valid
	ErrEventMessageDelete  Code = "EVENT_MESSAGE_DELETE_ERROR"  // the address for deleted messages is not valid
	ErrEventWelcomeMessage Code = "EVENT_WELCOME_MESSAGE_ERROR" // the address for joining chats is missing or not valid
	ErrEventBotDelete      Code = "EVENT_BOT_DELETE_ERROR"      // the address for the deletion of the bot is missing or not valid
	ErrEventCommandAdd     Code = "EVENT_COMMAND_ADD_ERROR"     // the address for commands is missing or not valid
	ErrCommandEmpty        Code = "COMMAND_ERROR"               // the word of the command is missing
	ErrLang                Code = "LANG_ERROR"                  // the texts of the command are missing
	ErrMessageIDEmpty      Code = "MESSAGE_ID_EMPTY"            // the message that a command is answered in is missing
	ErrAttach              Code = "ATTACH_ERROR"                // the attachment is not valid
	ErrAttachOversize      Code = "ATTACH_OVERSIZE"             // the attachment is too large
	ErrKeyboard            Code = "KEYBOARD_ERROR"              // the keyboard is not valid
	ErrKeyboardOversize    Code = "KEYBOARD_OVERSIZE"           // the keyboard is too large
	ErrMenu                Code = "MENU_ERROR"                  // the menu is not valid
	ErrMenuOversize        Code = "MENU_OVERSIZE"               // the menu is too large
)

// Codes of the REST interface itself; any method may be answered with them.
const (
	ErrQueryLimitExceeded    Code = "QUERY_LIMIT_EXCEEDED"           // too many requests; also HTTP 429, unless it names another limit or has a result
	ErrOperationTimeLimit    Code = "OPERATION_TIME_LIMIT"           // the method has used up its working time of ten minutes; the call was not executed
	ErrOverloadLimit         Code = "OVERLOAD_LIMIT"                 // Bitrix24 blocked the application or webhook by hand; ask their support
	ErrExpiredToken          Code = "expired_token"                  // the OAuth access token has expired
	ErrInvalidToken          Code = "invalid_token"                  // the portal does not know the OAuth access token
	ErrNoAuthFound           Code = "NO_AUTH_FOUND"                  // the request carried no credentials that the portal could read
	ErrInvalidCredentials    Code = "INVALID_CREDENTIALS"            // the webhook is wrong, was deleted, disabled or has expired
	ErrInsufficientScope     Code = "insufficient_scope"             // the credentials lack the scope of the method, which is "imbot" for those of this package
	ErrUserAccess            Code = "user_access_error"              // the user behind the token has no access to the application
	ErrAccessDenied          Code = "ACCESS_DENIED"                  // REST is not part of the plan, or no CLIENT_ID was named ([ErrClientIDMissing])
	ErrMethodNotFound        Code = "ERROR_METHOD_NOT_FOUND"         // the portal has no such method; also what a webhook URL without its user id leads to
	ErrPortalDeleted         Code = "PORTAL_DELETED"                 // the portal was closed
	ErrInvalidRequest        Code = "INVALID_REQUEST"                // the request came over plain HTTP; of the OAuth server: a parameter is missing
	ErrInternalServer        Code = "INTERNAL_SERVER_ERROR"          // the portal failed; whether it acted before is unknown
	ErrUnexpectedAnswer      Code = "ERROR_UNEXPECTED_ANSWER"        // the portal's front got no usable answer from behind; whether it acted is unknown
	ErrPaymentRequired       Code = "PAYMENT_REQUIRED"               // the subscription of the portal or of the application has ended
	ErrApplicationNotFound   Code = "APPLICATION_NOT_FOUND"          // the application behind the token is not installed on the portal
	ErrBatchLengthExceeded   Code = "ERROR_BATCH_LENGTH_EXCEEDED"    // a batch holds more than fifty commands
	ErrBatchMethodNotAllowed Code = "ERROR_BATCH_METHOD_NOT_ALLOWED" // the method may not stand in a batch
)

// Codes of Bitrix24's OAuth server.
const (
	ErrInvalidGrant  Code = "invalid_grant"  // the code or refresh token was used before, has expired or belongs to somebody else
	ErrInvalidClient Code = "invalid_client" // the application id or its secret is wrong, or the application is not installed
	ErrWrongClient   Code = "wrong_client"   // the OAuth server does not know the application id
	ErrInvalidScope  Code = "invalid_scope"  // more was asked for than the application was granted
)

// What errors match beside codes.
var (
	// ErrOutcomeUnknown: the portal may have acted: a cut connection, a timeout, an unreadable answer, a 5xx.
	ErrOutcomeUnknown = errors.New("imbot: the outcome is unknown, the portal may have acted")
	// ErrAnswerTooLarge: an answer of more than 10 MiB, or of more than 250,000 values, which is not read.
	ErrAnswerTooLarge = errors.New("imbot: the answer is too large")
	// ErrUnexpectedResult: a success whose result the method does not document: false, null, another type.
	ErrUnexpectedResult = errors.New("imbot: unexpected result")
	// ErrDeclined: a success with a plain no, false: nothing was done; see [MustBeTrue].
	ErrDeclined = errors.New("imbot: the portal declined")
	// ErrNotFound: a success that there is nothing, as of [ChatService.Get].
	ErrNotFound = errors.New("imbot: not found")
)

// APIError is an answer without a result: the portal, or something before it, refused or failed. It matches its code,
// the situation behind it, and [ErrOutcomeUnknown] where it does not prove that nothing was done.
type APIError struct {
	Method      string        // the REST method, such as "imbot.chat.leave"
	StatusCode  int           // the HTTP status, which never decides alone
	Code        Code          // at most 200 bytes; empty where the answer was not Bitrix24's JSON, or had two that differ
	Description string        // for people, often in the language of the portal; at most 2 KiB
	Details     []ErrorDetail // what the portal said about single parameters: at most 20 remarks of 700 bytes
	RetryAt     time.Time     // when to call again, in ten minutes at most for [ErrOperationTimeLimit]; zero: unknown

	// reason is the situation that the method's table recognized, or nil.
	reason error
	// unreadable is set where no refusal could be read from the answer, so that the status alone has to tell.
	unreadable bool
	// ambiguous is set where the answer has a result too, and so contradicts itself.
	ambiguous bool
	// head returns how an answer begins that is too large; nil for others. A func, so that printing does not reach it.
	head func() []byte
}

// ErrorDetail is one remark of the portal about one parameter of a refused request.
type ErrorDetail struct {
	Field   string // the name of the parameter; it may be empty
	Message string // says what is wrong with it; it may be empty
}

// Error returns the method, the code, the description and the status.
func (e *APIError) Error() string {
	var b strings.Builder
	b.WriteString(e.Method)
	for _, part := range []string{string(e.Code), e.Description} {
		if part != "" {
			b.WriteString(": ")
			b.WriteString(oneLine(part))
		}
	}
	b.WriteString(" (HTTP ")
	b.WriteString(strconv.Itoa(e.StatusCode))
	b.WriteByte(')')
	return b.String()
}

// oneLine returns text that came from outside without line breaks and other control characters, by which it could pass
// for a line of its own in a log.
func oneLine(text string) string {
	if strings.IndexFunc(text, unicode.IsControl) < 0 {
		return text
	}
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || unicode.IsControl(r) }), " ")
}

// Is reports whether target is the code, letter case aside, what a 429 means without it, [ErrAnswerTooLarge], or
// [ErrOutcomeUnknown].
func (e *APIError) Is(target error) bool {
	switch target {
	case ErrOutcomeUnknown:
		return e.ran() == outcome.Unknown
	case ErrAnswerTooLarge:
		return e.head != nil
	}
	return !e.unreadable && e.Code.Is(target) || e.isTooMany() && ErrQueryLimitExceeded.Is(target)
}

// As gives other packages of this module the beginning of an answer that was too large.
func (e *APIError) As(target any) bool {
	head, ok := target.(*envelope.Head)
	if ok = ok && e.head != nil; ok {
		head.Text = e.head
	}
	return ok
}

// isTooMany reports whether the status alone says that there were too many requests: of whatever stands before the
// portal, and in whatever words.
func (e *APIError) isTooMany() bool {
	return e.StatusCode == http.StatusTooManyRequests && !e.ambiguous &&
		!e.Code.Is(ErrOperationTimeLimit) && !e.Code.Is(ErrOverloadLimit)
}

// Unwrap returns the situation, such as [ErrNotInChat], or nil.
func (e *APIError) Unwrap() error { return e.reason }

// LogValue makes a log record of the error a group of its fields.
func (e *APIError) LogValue() slog.Value {
	attrs := []slog.Attr{
		slog.String("method", e.Method),
		slog.Int("status", e.StatusCode),
		slog.String("code", string(e.Code)),
		slog.String("description", e.Description),
	}
	if e.reason != nil {
		attrs = append(attrs, slog.String("reason", e.reason.Error()))
	}
	if !e.RetryAt.IsZero() {
		attrs = append(attrs, slog.Time("retry_at", e.RetryAt))
	}
	return slog.GroupValue(attrs...)
}

func (e *APIError) ran() outcome.Outcome {
	if e.ambiguous {
		return outcome.Unknown
	}
	return outcome.OfAnswer(e.StatusCode, string(e.Code), !e.unreadable)
}

// ParamError is a mistake found before anything was sent. It wraps the sentinel that the portal would answer with.
type ParamError struct {
	Method string // the REST method, or empty where the mistake was found outside a call
	Param  string // the name of the parameter as Bitrix24 has it, such as "CHAT_ID", or what else was wrong
	Err    error  // says what is wrong with it
}

// Error names the method, the parameter and the mistake.
func (e *ParamError) Error() string {
	if e.Method == "" {
		return fmt.Sprintf("imbot: %s: %v", e.Param, e.Err)
	}
	return fmt.Sprintf("%s: not sent: %s: %v", e.Method, e.Param, e.Err)
}

// Unwrap returns Err.
func (e *ParamError) Unwrap() error { return e.Err }

// RedirectError is a redirect that was not followed; nothing was executed.
type RedirectError struct {
	Method     string // the REST method
	StatusCode int    // the HTTP status, 301 to 308
	Host       string // where it points, with the port; empty where that could not be read. The path repeats the secret

	// follow is the endpoint to repeat the request at, where the policy allows that.
	follow *url.URL
}

// Error names the method, the host and the status.
func (e *RedirectError) Error() string {
	host := e.Host
	if host == "" {
		host = "an address without a host"
	}
	return fmt.Sprintf("%s: not followed: redirect to %s (HTTP %d)", e.Method, host, e.StatusCode)
}

func (e *RedirectError) ran() outcome.Outcome { return outcome.NotExecuted }

// Situations, where Bitrix24 has one code for several reasons or several codes for one. Each also matches the
// documented code ([ErrAccess], [ErrWrongRequest], [ErrAccessDenied]), and the error that carries it the code that was
// received.
var (
	// ErrLeaveOwnerForbidden: the bot owns the chat, and has to hand it over first ([ChatService.SetOwner]).
	ErrLeaveOwnerForbidden error = &situation{ErrAccess, "the owner of the chat may not leave it"}
	// ErrActionUnavailable: it is the general chat; imbot.v2.Chat.leave leaves that too.
	ErrActionUnavailable error = &situation{ErrAccess, "the action is not available in this chat"}
	// ErrUserDeleteForbidden: members of chats of this kind (a workgroup, a call, support) are managed elsewhere.
	ErrUserDeleteForbidden error = &situation{ErrAccess, "members of this chat may not be removed"}
	// ErrNotInChat: not a member, no such chat, a private one, or, on older portals, a bot that may not leave.
	ErrNotInChat error = &situation{ErrWrongRequest, "the bot is not in the chat"}
	// ErrClientIDMissing: a call by webhook named no CLIENT_ID; see [WithClientID].
	ErrClientIDMissing error = &situation{ErrAccessDenied, "the call names no CLIENT_ID"}
	// ErrUserAddForbidden: members of chats of this kind are managed elsewhere.
	ErrUserAddForbidden error = &situation{ErrAccess, "members may not be added to this chat"}
	// ErrUserNotAdded: the bot has no access to the chat, there is none, or the users are members.
	ErrUserNotAdded error = &situation{ErrWrongRequest, "the bot has no access to the chat, or the users are in it"}
	// ErrUserNotDeleted: the user is not a member, there is no such chat, or the bot may not remove it.
	ErrUserNotDeleted error = &situation{ErrWrongRequest, "the user is not in the chat, or the bot may not remove it"}
)

// situation is a reason behind a code. It is recognized by the method that was called (see [Refusal]) and travels
// inside the APIError.
type situation struct {
	code Code
	text string
}

func (s *situation) Error() string { return "imbot: " + s.text }

// Unwrap makes a situation match its documented code.
func (s *situation) Unwrap() error { return s.code }

// The tables of the methods that have no situation of their own. WRONG_REQUEST has at most one meaning in each of them.
var (
	refusedByBot  = []Refusal{refusedClientID}
	refusedByChat = []Refusal{refusedGeneralChat, refusedClientID}
)

// The rows that most tables of situations have.
var (
	refusedGeneralChat = Refusal{Code: ErrAccess, Description: "Action unavailable", Means: ErrActionUnavailable}
	refusedKind        = Refusal{Code: ErrAccess, Description: "It is forbidden to delete users of this chat", Means: ErrUserDeleteForbidden}
	refusedOwner       = Refusal{Code: "LEAVE_OWNER_FORBIDDEN", Means: ErrLeaveOwnerForbidden}
	refusedOwnerByText = Refusal{Code: ErrAccess, Description: "LEAVE_OWNER_FORBIDDEN", Means: ErrLeaveOwnerForbidden}
	refusedStructure   = Refusal{Code: "USER_INVITED_FROM_STRUCTURE", Means: ErrWrongRequest}
	refusedClientID    = Refusal{Code: ErrAccessDenied, Description: "Access denied! Client ID not specified", Means: ErrClientIDMissing}
)
