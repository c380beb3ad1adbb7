package imbottest

// chatGet is imbot.chat.get. It finds the chat of an entity, for whoever asks, and answers null if there is none.
// DIALOG_ID is not documented; where it is set, the answer is that of imbot.dialog.get.
func chatGet(s *session, params *array) (any, error) {
	params = params.upper()
	s.world.mu.Lock()
	defer s.world.mu.Unlock()

	if dialog := params.get("DIALOG_ID"); dialog != nil {
		return s.openDialog(dialog)
	}
	entityType, entityID := params.get("ENTITY_TYPE"), params.get("ENTITY_ID")
	if isEmpty(entityType) || isEmpty(entityID) {
		return nil, nil
	}
	chat := s.world.find(func(r *room) bool {
		return r.entityType() == stringOf(entityType) && r.EntityID == stringOf(entityID)
	})
	if chat == nil {
		return nil, nil
	}
	return newArray().set("ID", int64(chat.ID)), nil
}
