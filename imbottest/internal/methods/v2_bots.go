package methods

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// The ways in which a bot of version 2 gets its events.
const (
	Fetch   = "fetch"
	Webhook = "webhook"
)

var (
	botTypes   = []string{"bot", "network", "openline", "supervisor", "personal"}
	eventModes = []string{Fetch, Webhook}
)

// maxToken is how long a new token of a bot may be.
const maxToken = 40

var v2Bots = []Method{
	// A code that is taken by a bot of the caller answers with that bot, unchanged and not compared.
	{name: "imbot.v2.Bot.register", exact: true, steps: []step{
		check(registrant),
		bound{"fields", array},
		require{func(c *call) bool { return c.botField("code") != "" }, errCodeRequired},
		require{func(c *call) bool { return php.Trim(either(properties(c), "name")) != "" }, errPropertiesRequired},
		require{func(c *call) bool { return slices.Contains(eventModes, c.eventMode()) }, errEventMode},
		require{func(c *call) bool { return c.eventMode() == Fetch || c.botField("webhookUrl") != "" }, errWebhookRequired},
		require{func(c *call) bool { return c.eventMode() == Fetch || isCallback(c.botField("webhookUrl")) }, errCallback},
		check(codeIsFree),
		require{func(c *call) bool { return c.bot != 0 || slices.Contains(botTypes, c.botType()) }, errBotType},
		check(newAvatar),
	}, act: registerBot},

	// Whoever has a token may read any bot of the portal; its owner sees more.
	{name: "imbot.v2.Bot.get", exact: true, steps: []step{
		check(v2Token),
		check(anyBot),
	}, act: showBot},

	{name: "imbot.v2.Bot.list", exact: true, steps: []step{
		check(v2Token),
		optional{"filter", array},
		optional{"limit", integer},
		optional{"offset", integer},
	}, act: listV2Bots},

	{name: "imbot.v2.Bot.update", exact: true, steps: []step{
		v2Bot,
		bound{"fields", array},
		check(newAvatar),
		require{func(c *call) bool {
			return c.botField("eventMode") == "" || slices.Contains(eventModes, c.botField("eventMode"))
		}, errEventMode},
		check(mayRotate),
		require{func(c *call) bool {
			return c.botField("webhookUrl") == "" || isCallback(c.botField("webhookUrl"))
		}, errCallback},
	}, act: updateBot},

	{name: "imbot.v2.Bot.unregister", exact: true, steps: []step{
		v2Bot,
	}, act: func(c *call) any {
		c.world.deleteBot(imbot.BotID(c.bot), c.caller.User)
		return success()
	}},
}

// success is the result of most methods of version 2.
func success() any { return php.New().Set("result", true) }

// botField is a text among the fields, "" if it is missing.
func (c *call) botField(name string) string { return php.Trim(either(c.fields(), name)) }

func (c *call) eventMode() string {
	if mode := c.botField("eventMode"); mode != "" {
		return mode
	}
	return Fetch
}

func (c *call) botType() string {
	if kind := c.botField("type"); kind != "" {
		return strings.ToLower(kind)
	}
	return botTypes[0]
}

func properties(c *call) *php.Array {
	list, isArray := either(c.fields(), "properties").(*php.Array)
	if !isArray {
		return php.New()
	}
	return list
}

// isCallback reports whether a URL may get the events of a bot. Whether there is anything is not looked at.
func isCallback(address string) bool {
	parsed, err := url.Parse(address)
	return err == nil && (parsed.Scheme == "http" || parsed.Scheme == "https") && strings.Contains(parsed.Hostname(), ".")
}

// registrant finds whose the new bot will be. In no other method a token among the fields counts, and in no other one
// beside them counts under OAuth: the bot is then that of the token, and lost to the application.
func registrant(c *call) error {
	token := c.token()
	if token == "" && c.caller.App == "" {
		token = firstOf(c.fields(), "botToken", "BOT_TOKEN")
	}
	switch {
	case token != "":
		c.owner = Bot{ClientID: token}
	case c.caller.App != "":
		c.owner = Bot{App: c.caller.App}
	default:
		return errV2Token
	}
	return nil
}

// codeIsFree finds the bot of this code, if it is one of the caller.
func codeIsFree(c *call) error {
	for _, id := range c.world.order {
		bot := c.world.bots[id]
		switch {
		case bot.Code != c.botField("code"):
		case bot.Application() != c.owner.Application():
			return errCodeTaken
		default:
			c.bot = imbot.UserID(id)
		}
	}
	return nil
}

// newAvatar checks the picture of a bot that is made or changed.
func newAvatar(c *call) error {
	avatar := either(properties(c), "avatar")
	if php.IsEmpty(avatar) {
		return nil
	}
	switch err := checkAvatar(avatar); {
	case err == nil:
		return nil
	case errors.Is(err, errAvatarSize):
		return errV2AvatarSize
	default:
		return errV2AvatarType
	}
}

func registerBot(c *call) any {
	if c.bot == 0 {
		bot := c.owner
		c.world.lastBot++
		bot.ID, bot.Code = c.world.lastBot, c.botField("code")
		bot.Type, bot.EventMode, bot.WebhookURL = c.botType(), c.eventMode(), c.botField("webhookUrl")
		bot = bot.described(properties(c)).set(c.fields())
		c.bot = imbot.UserID(bot.ID)
		c.world.addBot(bot)
	}
	return c.botAnswer(true)
}

// botAnswer shows the bot that the call is about.
func (c *call) botAnswer(owner bool) *php.Array {
	return php.New().Set("bot", c.world.botOf(c.world.bots[imbot.BotID(c.bot)], owner)).
		Set("users", c.world.usersOf([]imbot.UserID{c.bot}))
}

// described returns the bot with another profile. Of what is missing there, the name and the color stay, and all else
// is emptied.
func (b Bot) described(profile *php.Array) Bot {
	textOf := func(name string) string { return php.Trim(either(profile, name)) }
	if name := textOf("name"); name != "" {
		b.Name = name
	}
	if name := snake(textOf("color")); colors[name] != "" {
		b.Color = name
	}
	b.LastName, b.WorkPosition, b.Gender = textOf("lastName"), textOf("workPosition"), textOf("gender")
	b.HasAvatar = b.HasAvatar || textOf("avatar") != ""
	return b
}

// set returns the bot with those switches changed that are among the fields.
func (b Bot) set(fields *php.Array) Bot {
	b.Hidden = yes(either(fields, "isHidden"), b.Hidden)
	b.OpenLine = yes(either(fields, "isSupportOpenline"), b.OpenLine)
	b.NoReactions = !yes(either(fields, "isReactionsEnabled"), !b.NoReactions)
	if background := either(fields, "backgroundId"); background != nil {
		b.Background = oneOf(php.StringOf(background), "", backgrounds...)
	}
	return b
}

var backgrounds = []string{"azure", "mint", "steel", "slate", "teal", "cornflower", "sky", "peach", "frost"}

// mayRotate checks the new token of a bot, if the fields have one.
func mayRotate(c *call) error {
	token := c.botField("botToken")
	if token == "" {
		return nil
	}
	if utf8.RuneCountInString(token) > maxToken {
		return errTokenLength
	}
	if c.world.bots[imbot.BotID(c.bot)].App != "" {
		return errRotation
	}
	for id, other := range c.world.bots {
		if imbot.UserID(id) != c.bot && other.Application() == customApplication(token) {
			return errRotation
		}
	}
	return nil
}

func updateBot(c *call) any {
	bot := c.world.bots[imbot.BotID(c.bot)]
	if properties(c).Len() > 0 {
		bot = bot.described(properties(c))
	}
	bot = bot.set(c.fields())
	if token := c.botField("botToken"); token != "" {
		bot.ClientID = token
	}
	if address := c.botField("webhookUrl"); address != "" {
		bot.WebhookURL = address
	}
	if mode := c.botField("eventMode"); mode != "" {
		bot.EventMode = mode
		if mode == Webhook {
			delete(c.world.queue, c.bot)
		}
	}
	c.world.bots[bot.ID] = bot
	return c.botAnswer(true)
}

// anyBot finds a bot of the portal by its id or its code.
func anyBot(c *call) error {
	if id := imbot.BotID(c.whole("botId")); id > 0 {
		if _, known := c.world.bots[id]; !known {
			return errV2Bot
		}
		c.bot = imbot.UserID(id)
		return nil
	}
	code := c.trimmed("code")
	if code == "" {
		return errParamsRequired
	}
	for _, id := range c.world.order {
		if c.world.bots[id].Code == code {
			c.bot = imbot.UserID(id)
			return nil
		}
	}
	return errV2Bot
}

func showBot(c *call) any {
	return c.botAnswer(c.world.bots[imbot.BotID(c.bot)].Application() == c.application())
}

// listV2Bots lists the bots of the caller. Whether the page was full is all that it knows of the next one.
func listV2Bots(c *call) any {
	filter, _ := c.params.Get("filter").(*php.Array)
	kind := php.StringOf(filter.Get("type"))
	limit, skip := 50, max(0, c.whole("offset"))
	if c.params.Get("limit") != nil {
		limit = c.whole("limit")
	}
	list, users := php.New(), []imbot.UserID(nil)
	for _, id := range c.world.order {
		bot := c.world.bots[id]
		if bot.Application() != c.application() || slices.Contains(botTypes, kind) && bot.kind() != kind {
			continue
		}
		if skip > 0 {
			skip--
			continue
		}
		if limit > 0 && list.Len() == limit {
			break
		}
		list.Append(c.world.botOf(bot, true))
		users = append(users, imbot.UserID(id))
	}
	return php.New().Set("bots", list).Set("users", c.world.usersOf(users)).Set("hasNextPage", list.Len() == limit)
}
