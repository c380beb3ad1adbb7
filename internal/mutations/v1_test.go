package mutations

// v1Rows are bugs in what bots of the first generation send.
var v1Rows = []row{
	{
		"drop the bot of a keyboard", "params_message.go", "./internal/acceptance TestFamily_sendsPartsOfMessages",
		"	named := *keyboard\n	named.BotID = int64(bot)\n", "	named := *keyboard\n",
	},
	{
		"take true for an answer that was sent", "imbot_command_answer.go", "./internal/acceptance TestFamily_answersACommand",
		`return plainAnswer{"true", ErrDeclined}`, "return nil",
	},
	{
		"send a message again whose answer was lost", "imbot_message_add.go", "./internal/acceptance TestFamily_sendsAMessageOnce",
		`Name: "imbot.message.add", Validate:`, `Name: "imbot.message.add", Idempotent: true, Validate:`,
	},
	{
		"let a blank text delete a message", "imbot_message_update.go", "./internal/acceptance TestFamily_findsMistakesOfBotsBeforeSending",
		"	if r.Message != \"\" {\n", "	if len(r.Message) > 2 {\n",
	},
	{
		"keep the buttons that are to go", "content/json.go", "./content TestJSON_none",
		"	if parts == 0 {\n", "	if parts < 0 {\n",
	},
}
