package mutations

// messagesRows are bugs in what is done with messages, commands and files.
var messagesRows = []row{
	{
		"repeat a message that the portal does not know again", "imbotv2/send_once.go", "./internal/acceptance TestTruth_say",
		"return uuidForm.MatchString(f.TemplateID) && ", "return ",
	},
	{
		"repeat a system message", "imbotv2/send_once.go", "./imbotv2 TestMessageSend_notRepeatable",
		" && (f.System == nil || !*f.System)", "",
	},
	{
		"repeat nothing that is to be sent once", "imbotv2/send_once.go", "./internal/acceptance TestTruth_say",
		"	m.Idempotent = true\n", "",
	},
	{
		"send every message by one UUID", "imbotv2/say.go", "./imbotv2 TestOnce",
		"			f.TemplateID = newUUID()\n", "			f.TemplateID = \"9f3b1c52-7a60-4f0e-9d1b-2c6a5e8f4d10\"\n",
	},
	{
		"know that nothing was sent where the answer is none", "imbotv2/send_once.go", "./imbotv2 TestOnce_unknown",
		"		err = &sentError{err}\n", "",
	},
	{
		"take a message that is being sent for one that is not", "internal/outcome/outcome.go", "./imbotv2 TestOnce_stillAtWork",
		"	\"MESSAGE_DUPLICATED_BY_UUID\",\n", "",
	},
	{
		"drop the buttons of a changed message", "imbotv2/chat_message_update.go", "./imbotv2 TestMessageUpdate_parts",
		"	req.Fields.Keyboard = keyboardOf(req.BotID, req.Fields.Keyboard)\n", "",
	},
	{
		"keep buttons that are to go", "content/json.go", "./content TestJSON_none",
		"return encodeOrNone((*fields)(k), len(k.Buttons))", "return encodeOrNone((*fields)(k), 1)",
	},
	{
		"forward by what the portal does not know", "imbotv2/chat_message_send.go", "./imbotv2 TestValidate_forwardsAndCommands",
		"		if !uuidForm.MatchString(uuid) {", "		if uuid == \"\" {",
	},
	{
		"call a bot the same that hides", "imbotv2/bot_register.go", "./imbotv2 TestBotRegisterResult_Differs",
		"note(name, ofNew != is)", "note(name, asked != nil && ofNew != is)",
	},
	{
		"end a history at a message that was deleted", "imbotv2/history.go", "./imbotv2 TestMessageService_historyDeleted",
		"case errors.Is(err, ErrMessageNotFound) && len(before) > 0:", "case errors.Is(err, ErrMessageNotFound) && len(before) > 50:",
	},
	{
		"go through the history in a circle", "imbotv2/history.go", "./imbotv2 TestMessageService_history",
		"position(page.Messages, from+1)", "position(page.Messages, from)",
	},
	{
		"print the address of a download", "imbotv2/file_download.go", "./internal/acceptance TestSecrets_v2",
		"\"imbotv2.FileDownloadResult{%v}\", r.DownloadURL)", "\"imbotv2.FileDownloadResult{%v}\", r.DownloadURL.Reveal())",
	},
	{
		"let a name turn around what follows it", "content/text.go", "./content TestText",
		"text.parts = pieces{}.add(plain, closed(fmt.Sprint(value)))", "text.parts = pieces{}.add(plain, fmt.Sprint(value))",
	},
	{
		"end an isolate and leave what is open in it", "content/escape.go", "./content FuzzEscape",
		"for pop() != endOfIsolate {", "for pop() == 0 {",
	},
}
