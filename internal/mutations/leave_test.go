package mutations

// leaveRows are bugs in leaving one chat.
var leaveRows = []row{
	{
		"drop BOT_ID", "imbot_chat_leave.go", ". TestWith_changesTheCredentialsAndNothingElse",
		"`json:\"BOT_ID,omitempty\"`", "`json:\"-\"`",
	},
	{
		"take a list that is null for an empty one", "imbot_chat_user_list.go", ". TestEnsureLeft",
		"	}) {\n		return errNoUsers", "	}) && string(data) != \"null\" {\n		return errNoUsers",
	},
	{
		"drop the verification", "leave_ensure.go", ". TestEnsureLeft",
		"case in:", "case in && false:",
	},
	{
		"take anybody's word that the bot is not there", "leave_ensure.go", ". TestEnsureLeft_takesNobodyElsesWord",
		"return refused != nil && errors.Is(refused, ErrNotInChat)", "return refused != nil || errors.Is(err, ErrNotInChat)",
	},
	{
		"take a code's word where nobody can look", "leave_ensure.go", ". TestEnsureLeft_takesNobodyElsesWord",
		`return failed, fmt.Errorf("%w; %w", ErrOutcomeUnknown, err)`, "return outcome, nil",
	},
	{
		"leave the dialog with a user", "imbotv2/chat_leave.go", "./internal/acceptance TestV2EnsureLeft_groupChatsOnly",
		"return firstProblem(requireBot(r.BotID), problem)", "_ = problem; return firstProblem(requireBot(r.BotID))",
	},
	{
		"take a bot that is not in an open chat for one that may not leave", "imbotv2/chat_leave.go", "./internal/acceptance TestV2Leave_refusals",
		`{Code: "USER_NOT_FOUND", Means: imbot.ErrNotInChat}`, `{Code: "USER_NOT_FOUND", Means: nil}`,
	},
}
