package imbottest

import "strconv"

// botList is imbot.bot.list. It lists the bots of the whole portal, whosever they are.
func botList(s *session, _ *array) (any, error) {
	list := newArray()
	for _, bot := range s.world.allBots() {
		openLine := "N"
		if bot.OpenLine {
			openLine = "Y"
		}
		list.set(strconv.FormatInt(int64(bot.ID), 10), newArray().
			set("ID", int64(bot.ID)).set("NAME", bot.Name).set("CODE", bot.Code).set("OPENLINE", openLine))
	}
	return list, nil
}
