package imbottest

// chatSendTyping is imbot.chat.sendTyping. It looks at the form of DIALOG_ID alone: typing into a chat that does not
// exist is no mistake.
func chatSendTyping(s *session, params *array) (any, error) {
	params = params.upper()
	s.world.mu.Lock()
	defer s.world.mu.Unlock()

	if _, err := s.bot(params); err != nil {
		return nil, err
	}
	if _, _, valid := cutDialog(params.get("DIALOG_ID")); !valid {
		return nil, errDialogIDEmpty
	}
	return true, nil
}
