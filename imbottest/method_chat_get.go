package imbottest

import "github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"

// chatGet is imbot.chat.get. It finds the chat of an entity, for whoever asks, and answers null if there is none.
// DIALOG_ID is not documented; where it is set, the answer is that of imbot.dialog.get.
func chatGet(s *session, params *php.Array) (any, error) {
	params = params.Upper()
	s.world.mu.Lock()
	defer s.world.mu.Unlock()

	if dialog := params.Get("DIALOG_ID"); dialog != nil {
		return s.openDialog(dialog)
	}
	entityType, entityID := params.Get("ENTITY_TYPE"), params.Get("ENTITY_ID")
	if php.IsEmpty(entityType) || php.IsEmpty(entityID) {
		return nil, nil
	}
	chat := s.world.find(func(r *room) bool {
		return r.entityType() == php.StringOf(entityType) && r.EntityID == php.StringOf(entityID)
	})
	if chat == nil {
		return nil, nil
	}
	return php.New().Set("ID", int64(chat.ID)), nil
}
