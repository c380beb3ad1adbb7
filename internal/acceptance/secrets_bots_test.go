package acceptance_test

import (
	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/content"
)

// botFamilyValues has the exported types for bots, messages and commands for exportedValues.
func botFamilyValues(c *imbot.Client) map[string][]any {
	properties := imbot.BotProperties{Name: "x", Photo: picture(dot)}
	botRegister := imbot.BotRegisterRequest{Code: "x", OpenLine: new(imbot.Yes), Properties: properties, ClientID: secretClientID}
	botRegister.EventHandler, botRegister.EventMessageAdd, botRegister.EventMessageUpdate = secretHandler, secretHandler, secretHandler
	botRegister.EventMessageDelete, botRegister.EventWelcomeMessage, botRegister.EventBotDelete = secretHandler, secretHandler, secretHandler
	addresses := imbot.BotUpdateFields{
		EventHandler: secretHandler, EventMessageAdd: secretHandler, EventMessageUpdate: secretHandler,
		EventMessageDelete: secretHandler, EventWelcomeMessage: secretHandler, EventBotDelete: secretHandler, Properties: &properties,
	}
	address := imbot.CommandUpdateFields{Lang: echo("x"), EventCommandAdd: secretHandler}
	botUpdate := imbot.BotUpdateRequest{BotID: 39, Fields: addresses, ClientID: secretClientID}
	messageAdd := imbot.MessageAddRequest{
		DialogID: "chat13", Message: "x", Keyboard: content.NewKeyboard(content.Row(content.CommandButton("a", "b", ""))), ClientID: secretClientID,
	}
	messageUpdate := imbot.MessageUpdateRequest{MessageID: 7, Attach: content.NewAttach(content.DelimiterBlock()), ClientID: secretClientID}
	commandRegister := imbot.CommandRegisterRequest{BotID: 39, Lang: echo("x"), Common: new(imbot.Yes), EventCommandAdd: secretHandler, ClientID: secretClientID}
	commandAnswer := imbot.CommandAnswerRequest{CommandID: 3, Menu: content.NewMenu(content.LinkItem("a", "/")), ClientID: secretClientID}
	return map[string][]any{
		"MessageService":            {c.Message, *c.Message},
		"CommandService":            {c.Command, *c.Command},
		"BotRegisterRequest":        {botRegister, &botRegister},
		"BotUpdateRequest":          {botUpdate, &botUpdate},
		"BotUpdateFields":           {addresses, &addresses, imbot.BotUpdateRequest{Fields: addresses}},
		"BotUnregisterRequest":      {imbot.BotUnregisterRequest{BotID: 39, ClientID: secretClientID}},
		"MessageAddRequest":         {messageAdd, &messageAdd},
		"MessageUpdateRequest":      {messageUpdate, &messageUpdate},
		"MessageDeleteRequest":      {imbot.MessageDeleteRequest{MessageID: 7, Complete: new(imbot.Yes), ClientID: secretClientID}},
		"MessageLikeRequest":        {imbot.MessageLikeRequest{MessageID: 7, Action: imbot.LikeSet, ClientID: secretClientID}},
		"CommandRegisterRequest":    {commandRegister, &commandRegister},
		"CommandUpdateRequest":      {imbot.CommandUpdateRequest{CommandID: 3, Fields: address, ClientID: secretClientID}},
		"CommandUpdateFields":       {address, &address},
		"CommandUnregisterRequest":  {imbot.CommandUnregisterRequest{CommandID: 3, ClientID: secretClientID}},
		"CommandAnswerRequest":      {commandAnswer, &commandAnswer},
		"BotRegisterResponse":       {imbot.BotRegisterResponse{Result: 39}},
		"BotUpdateResponse":         {imbot.BotUpdateResponse{Result: true}},
		"BotUnregisterResponse":     {imbot.BotUnregisterResponse{Result: true}},
		"MessageAddResponse":        {imbot.MessageAddResponse{Result: 7}},
		"MessageUpdateResponse":     {imbot.MessageUpdateResponse{Result: true}},
		"MessageDeleteResponse":     {imbot.MessageDeleteResponse{Result: true}},
		"MessageLikeResponse":       {imbot.MessageLikeResponse{Result: true}},
		"CommandRegisterResponse":   {imbot.CommandRegisterResponse{Result: 3}},
		"CommandUpdateResponse":     {imbot.CommandUpdateResponse{Result: true}},
		"CommandUnregisterResponse": {imbot.CommandUnregisterResponse{Result: true}},
		"CommandAnswerResponse":     {imbot.CommandAnswerResponse{Result: imbot.CommandAnswerResult{MessageID: 7}}},
		"CommandAnswerResult":       {imbot.CommandAnswerResult{MessageID: 7}},
		"BotProperties":             {properties, &properties},
		"BotType":                   {imbot.BotTypeSupervisor},
		"Gender":                    {imbot.GenderFemale},
		"LikeAction":                {imbot.LikeUnset},
		"CommandLang":               {imbot.CommandLang{LanguageID: "en", Title: "x"}},
		"CommandID":                 {imbot.CommandID(3)},
	}
}
