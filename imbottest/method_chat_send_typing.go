package imbottest

import "github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"

// chatSendTyping is imbot.chat.sendTyping. It looks at the form of DIALOG_ID alone: typing into a chat that does not
// exist is no mistake.
func chatSendTyping(s *session, params *php.Array) (any, error) {
	params = params.Upper()
	s.world.mu.Lock()
	defer s.world.mu.Unlock()

	if _, err := s.bot(params); err != nil {
		return nil, err
	}
	if _, _, valid := cutDialog(params.Get("DIALOG_ID")); !valid {
		return nil, errDialogIDEmpty
	}
	return true, nil
}
