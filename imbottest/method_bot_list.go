package imbottest

import (
	"strconv"

	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// botList is imbot.bot.list. It lists the bots of the whole portal, whosever they are.
func botList(s *session, _ *php.Array) (any, error) {
	list := php.New()
	for _, bot := range s.world.allBots() {
		openLine := "N"
		if bot.OpenLine {
			openLine = "Y"
		}
		list.Set(strconv.FormatInt(int64(bot.ID), 10), php.New().
			Set("ID", int64(bot.ID)).Set("NAME", bot.Name).Set("CODE", bot.Code).Set("OPENLINE", openLine))
	}
	return list, nil
}
