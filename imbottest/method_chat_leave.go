package imbottest

import (
	"net/http"
	"slices"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// The failures of imbot.chat.leave. Those that the server keeps an exception for look different in the two forms.
var (
	errNoDeleting    = accessError("It is forbidden to delete users of this chat")
	errWrongRequest  = &failure{status: http.StatusBadRequest, code: "WRONG_REQUEST", description: "You don't have access or user isn't member in chat"}
	errOwnerStays    = (&failure{status: http.StatusForbidden, code: "ACCESS_ERROR", description: "LEAVE_OWNER_FORBIDDEN"}).with("LEAVE_OWNER_FORBIDDEN", "Владелец не может выйти из чата")
	errNotMember     = errWrongRequest.with("ACCESS_DENIED_KICK", "Access denied to kick user from chat")
	errUserNotFound  = errWrongRequest.with("USER_NOT_FOUND", "User not found in chat")
	errMayNotKick    = errWrongRequest.with("IM_ERROR_KICK", "You don't have permission to remove this user from the chat")
	errFromStructure = errWrongRequest.with("USER_INVITED_FROM_STRUCTURE", "User was added to the chat with their department")
)

// chatLeave is imbot.chat.leave. Mistakes in the chat are reported before those in the bot, and those before the
// question whether the bot is in the chat. USER_ID is not documented and dangerous: it removes that user instead of the
// bot.
func chatLeave(s *session, params *php.Array) (any, error) { return s.removal(params.Upper(), false) }

// removal takes somebody out of a chat: the user who is named, or else the bot, unless a user is required.
func (s *session) removal(params *php.Array, userRequired bool) (any, error) {
	s.world.mu.Lock()
	defer s.world.mu.Unlock()

	chat, err := s.chat(params)
	if err != nil {
		return nil, err
	}
	rule := kinds[chat.Kind]
	switch {
	case rule.general:
		return nil, errUnavailable
	case rule.noLeaving:
		return nil, errNoDeleting
	}
	bot, err := s.bot(params)
	if err != nil {
		return nil, err
	}
	actor := imbot.UserID(bot)
	leaver := actor
	switch user := php.Intval(params.Get("USER_ID")); {
	case user > 0:
		leaver = imbot.UserID(user)
	case userRequired:
		return nil, errUserIDEmpty
	}
	if err := mayRemove(chat, actor, leaver); err != nil {
		return nil, err
	}
	s.world.remove(chat, leaver)
	return true, nil
}

// mayRemove decides whether a bot may take somebody, as a rule itself, out of a chat.
func mayRemove(chat *room, actor, leaver imbot.UserID) error {
	rule := kinds[chat.Kind]
	leaves := leaver == actor
	switch {
	case leaves && chat.Owner == actor && rule.ownerStays:
		return errOwnerStays
	case rule.private, !slices.Contains(chat.Members, actor):
		return errNotMember
	case !slices.Contains(chat.Members, leaver):
		return errUserNotFound
	case !leaves && chat.Owner != actor:
		return errMayNotKick
	case slices.Contains(chat.FromStructure, leaver):
		return errFromStructure
	}
	return nil
}
