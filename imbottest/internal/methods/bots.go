package methods

import (
	"maps"
	"slices"
	"strconv"

	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

var bots = []Method{
	{name: "imbot.bot.list", act: listBots},
}

// listBots lists the bots of the whole portal, whosever they are, by their ids.
func listBots(c *call) any {
	list := php.New()
	for _, id := range slices.Sorted(maps.Keys(c.world.bots)) {
		bot := c.world.bots[id]
		openLine := "N"
		if bot.OpenLine {
			openLine = "Y"
		}
		list.Set(strconv.FormatInt(int64(bot.ID), 10), php.New().
			Set("ID", int64(bot.ID)).Set("NAME", bot.Name).Set("CODE", bot.Code).Set("OPENLINE", openLine))
	}
	return list
}
