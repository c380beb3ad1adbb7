package imbotv2_test

import (
	"encoding/json"
	"math"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
	"github.com/seed-a6e4e5a4/imbot/internal/loose"
)

// examples returns the examples of the documentation in a file of testdata, by their names.
func examples(t *testing.T, file string) map[string]json.RawMessage {
	t.Helper()
	data, err := os.ReadFile("testdata/" + file)
	require.NoError(t, err)
	var all map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(data, &all))
	return all
}

// result is what the methods in the examples answer with.
type result struct {
	Bot      imbotv2.BotInfo
	Bots     []imbotv2.BotInfo
	Chat     imbotv2.Chat
	User     imbotv2.User
	Users    []imbotv2.User
	Message  imbotv2.Message
	Messages []imbotv2.Message
	Command  imbotv2.Command
	Commands []imbotv2.Command
	Events   []imbotv2.Event
	File     imbotv2.File
}

func readResult(t *testing.T, name string, data json.RawMessage) result {
	t.Helper()
	var r result
	if name == "imbot.v2.Chat.User.list" {
		require.NoError(t, json.Unmarshal(data, &r.Users))
		return r
	}
	require.NoError(t, json.Unmarshal(data, &r))
	return r
}

var east = time.FixedZone("", 3*60*60)

func at(year int, month time.Month, day, hour, minute, second int) time.Time {
	return time.Date(year, month, day, hour, minute, second, 0, east)
}

var (
	supportBot = imbotv2.BotInfo{
		ID: 456, Code: "support_bot", Type: imbotv2.BotTypeBot, IsReactionsEnabled: true, Language: "en",
		ModuleID: "rest", EventMode: imbotv2.EventModeFetch, CountMessage: 150, CountCommand: 3, CountChat: 12,
		CountUser: 45,
	}
	botUser  = imbotv2.User{ID: 456, Active: true, Name: "Support Bot", Bot: true, Type: imbotv2.UserBot}
	johnUser = imbotv2.User{
		ID: 1, Active: true, Name: "John Smith", FirstName: "John", LastName: "Smith", WorkPosition: "Developer",
		Color:  "#ab7761",
		Gender: imbotv2.GenderMale, Birthday: "15-03", ExternalAuthID: "default", Status: "online",
		LastActivityDate: at(2025, 1, 15, 14, 25, 0), Departments: []int64{7}, Type: imbotv2.UserEmployee,
	}
	annaUser = imbotv2.User{
		ID: 2, Active: true, Name: "Anna Davis", FirstName: "Anna", LastName: "Davis", WorkPosition: "Manager",
		Color:  "#5b7e91",
		Gender: imbotv2.GenderFemale, Birthday: "22-08", ExternalAuthID: "default", Status: "online",
		LastActivityDate: at(2025, 1, 15, 14, 20, 0), Departments: []int64{12}, Type: imbotv2.UserEmployee,
	}
	supportChat = imbotv2.Chat{
		ID: 5, DialogID: "chat5", Name: "Support Chat", Type: imbotv2.ChatGroup, MessageType: "C", Owner: 456,
		Color:        "#4ba984",
		DiskFolderID: 42, Role: imbot.RoleOwner, TextFieldEnabled: true, DateCreate: at(2025, 1, 15, 10, 0, 0),
		LastMessageID: 789, LastID: 789, MessageCount: 15, UserCounter: 3,
	}
)

// What the examples of the documentation mean.
func TestExamplesOfResults(t *testing.T) {
	t.Parallel()
	russianBot, newBot := supportBot, supportBot
	russianBot.Language = "ru"
	newBot.CountMessage, newBot.CountCommand, newBot.CountChat, newBot.CountUser = 0, 0, 0, 0
	newUser := imbotv2.User{
		ID: 456, Active: true, Name: "Support Bot", FirstName: "Support", LastName: "Bot",
		WorkPosition: "AI Assistant", Color: "#df532d",
		Gender: imbotv2.GenderMale, Bot: true, ExternalAuthID: "bot", Status: "online",
		LastActivityDate: at(2025, 1, 15, 10, 30, 0), Departments: []int64{1}, Type: imbotv2.UserBot,
	}
	newChat := supportChat
	newChat.IsNew, newChat.LastID, newChat.MessageCount = true, 0, 1
	john := imbotv2.User{ID: 1, Active: true, Name: "John Smith", Type: imbotv2.UserEmployee}
	anna := imbotv2.User{ID: 2, Active: true, Name: "Anna Davis", Type: imbotv2.UserEmployee}
	hello := imbotv2.Message{
		ID: 789, ChatID: 5, AuthorID: 1, Date: at(2026, 3, 19, 14, 30, 0), Text: "Hello! How are you?",
		ViewedByOthers: true,
	}
	answer := hello
	answer.AuthorID = 2
	help := imbotv2.Command{ID: 42, BotID: 456, Command: "/help"}
	listed := help
	listed.Title, listed.Params, listed.Category = "Show help (ru)", "query (ru)", "My Bot"
	const download = "https://portal.example/bitrix/services/main/ajax.php?action=disk.api.file.download&fileId=9817"

	tests := map[string]result{
		"imbot.v2.Bot.get":          {Bot: russianBot, Users: []imbotv2.User{botUser}},
		"imbot.v2.Bot.list":         {Bots: []imbotv2.BotInfo{russianBot}, Users: []imbotv2.User{botUser}},
		"imbot.v2.Bot.register":     {Bot: newBot, Users: []imbotv2.User{newUser}},
		"imbot.v2.Chat.add":         {Chat: newChat, Users: []imbotv2.User{johnUser, annaUser}},
		"imbot.v2.Chat.get":         {Chat: supportChat},
		"imbot.v2.Chat.User.list":   {Users: []imbotv2.User{johnUser, annaUser}},
		"imbot.v2.Chat.Message.get": {Message: hello, User: john},
		"imbot.v2.Chat.Message.getContext": {Users: []imbotv2.User{john, anna}, Messages: []imbotv2.Message{
			{
				ID: 785, ChatID: 5, AuthorID: 1, Date: at(2026, 3, 19, 14, 25, 0), Text: "Good day!",
				ViewedByOthers: true,
			}, answer,
		}},
		"imbot.v2.Command.register": {Command: help},
		"imbot.v2.Command.list":     {Commands: []imbotv2.Command{listed}},
		"imbot.v2.Event.get": {Events: []imbotv2.Event{{
			EventID: 1001, Name: imbotv2.EventMessageAdd, Date: at(2025, 1, 15, 10, 30, 0), Data: json.RawMessage(`{}`),
		}}},
		"imbot.v2.File.upload": {File: imbotv2.File{ID: 138, ChatID: 5, Name: "report.pdf", Extension: "pdf", Size: 35341}},
		"im.v2.File.upload": {File: imbotv2.File{
			ID: 9817, ChatID: 4415, Date: at(2026, 8, 11, 15, 28, 50), Type: imbotv2.FileDocument, Name: "report.pdf",
			Extension: "pdf",
			Size:      35341, AuthorID: 1, AuthorName: "John Smith", Status: "done", Progress: 100, URLShow: download,
			URLDownload: download,
			MediaURL:    imbotv2.HiddenJSON(`{"preview":{"250":""}}`),
		}},
	}
	all := examples(t, "example_results.json")
	assert.Len(t, tests, len(all))
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := readResult(t, name, all[name])
			assert.Equal(t, got.File.ViewerAttrs != nil, name == "im.v2.File.upload")
			got.File.ViewerAttrs = nil // long
			assert.Equal(t, asJSON(t, want), asJSON(t, got))
		})
	}
}

// What no example has.
func TestFormsOfNouns(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text string
		into any
		want any
	}{
		"a user that is idle, with phones": {
			`{"id":"27","idle":"2026-01-02T03:04:05Z","absent":"2026-01-02T00:00:00Z","phones":{"workPhone":"+1",` +
				`"innerPhone":12},"departments":{"1":"7"}}`,
			new(imbotv2.User), &imbotv2.User{
				ID: 27, Idle: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Absent: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC),
				Phones: map[string]string{"workPhone": "+1", "innerPhone": "12"}, Departments: []int64{7},
			},
		},
		"a chat with all that is nested": {
			`{"id":5,"lastMessageViews":"{\"messageId\":789,\"firstViewers\":[{\"userId\":1,\"userName\":\"John\",` +
				`\"date\":\"2026-01-02T03:04:05Z\"}],` +
				`\"countOfViewers\":3}","public":{"code":"abc","link":"https://portal.example/online/abc"},` +
				`"muteList":{"0":"27"},"managerList":["1",2],` +
				`"permissions":{"manageUsersAdd":"member","manageUsersDelete":"manager","manageUi":"member",` +
				`"manageSettings":"owner",` +
				`"manageMessages":"member","canPost":"none"},"entityLink":{"type":"TASKS","url":"/task/1/","id":1},` +
				`"textFieldEnabled":false}`,
			new(imbotv2.Chat), &imbotv2.Chat{
				ID: 5, LastMessageViews: imbotv2.LastMessageViews{
					MessageID: 789, CountOfViewers: 3,
					FirstViewers: []imbotv2.Viewer{{UserID: 1, UserName: "John", Date: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}},
				},
				Public:   imbotv2.ChatPublic{Code: "abc", Link: "https://portal.example/online/abc"},
				MuteList: []imbot.UserID{27}, ManagerList: []imbot.UserID{1, 2},
				Permissions: imbotv2.ChatPermissions{
					ManageUsersAdd: imbot.RoleMember, ManageUsersDelete: imbot.RoleManager, ManageUI: imbot.RoleMember,
					ManageSettings: imbot.RoleOwner, ManageMessages: imbot.RoleMember, CanPost: imbot.RoleNone,
				},
				EntityLink: imbotv2.EntityLink{Type: "TASKS", ID: "1", URL: "/task/1/"},
			},
		},
		"a chat with a text for public": {`{"public":"abc","textFieldEnabled":true}`, new(imbotv2.Chat), &imbotv2.Chat{
			Public: imbotv2.ChatPublic{Code: "abc"}, TextFieldEnabled: true,
		}},
		"a chat that was not found": {`[]`, new(imbotv2.Chat), &imbotv2.Chat{}},
		"a message with params": {
			`{"id":9,"chat_id":5,"forward":{"id":"5/8","userId":2,"chatId":4,"date":null},"unread":true,"viewed":"1",` +
				`"params":{"REPLY_ID":"8","FILE_ID":["138",139],"KEYBOARD":[{"TEXT":"Yes"}],"ATTACH":[[]],"IS_EDITED":"Y"}}`,
			new(imbotv2.Message), &imbotv2.Message{
				ID: 9, Unread: true, Viewed: true, Forward: &imbotv2.Forward{ID: "5/8", UserID: 2, ChatID: 4},
				Params: imbotv2.MessageParams{
					ReplyID: 8, FileIDs: []imbotv2.FileID{138, 139},
					Keyboard: json.RawMessage(`[{"TEXT":"Yes"}]`), Attach: json.RawMessage(`[[]]`),
					Raw: json.RawMessage(`{"REPLY_ID":"8","FILE_ID":["138",139],"KEYBOARD":[{"TEXT":"Yes"}],"ATTACH":[[]],` +
						`"IS_EDITED":"Y"}`),
				},
			},
		},
		"a message without params": {`{"id":9,"params":[],"forward":false}`, new(imbotv2.Message), &imbotv2.Message{ID: 9}},
		"a picture": {`{"id":1,"type":"image","image":{"width":"640","height":480}}`, new(imbotv2.File), &imbotv2.File{
			ID: 1, Type: imbotv2.FileImage, Image: imbotv2.ImageSize{Width: 640, Height: 480},
		}},
		"a command of every portal": {
			`{"id":"def0","botId":0,"command":"/me","common":"Y","extranet":"Y","context":"chat"}`,
			new(imbotv2.Command), &imbotv2.Command{ID: -1, Command: "/me", Common: true, ExtranetSupport: true, Context: "chat"},
		},
		"a command of every portal, with another id": {
			`{"id":"me","botId":"0","command":"/me"}`, new(imbotv2.Command), &imbotv2.Command{ID: math.MinInt64, Command: "/me"},
		},
		"a command with another id": {`{"id":"me","botId":456,"command":"/me"}`, new(imbotv2.Command), &imbotv2.Command{BotID: 456, Command: "/me"}},
		"a command without an id":   {`{"id":"","botId":0,"command":"/me"}`, new(imbotv2.Command), &imbotv2.Command{Command: "/me"}},
		"a command": {
			`{"extranetSupport":true,"extranet":"N"}`, new(imbotv2.Command),
			&imbotv2.Command{ExtranetSupport: true},
		},
		"a bot of another": {`{"id":456,"backgroundId":"azure","type":"network"}`, new(imbotv2.BotInfo), &imbotv2.BotInfo{
			ID: 456, BackgroundID: "azure", Type: imbotv2.BotTypeNetwork,
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.NoError(t, json.Unmarshal([]byte(tt.text), tt.into))
			assert.Equal(t, tt.want, tt.into)
		})
	}
}

// Each member that the documentation has, and no other, has a field.
func TestNounsAreComplete(t *testing.T) {
	t.Parallel()
	tests := map[json.Unmarshaler]string{
		new(imbotv2.User): `id active name firstName lastName workPosition color avatar gender birthday extranet bot connector
			externalAuthId status idle lastActivityDate mobileLastDate desktopLastDate absent departments phones type website
			email`,
		new(imbotv2.Chat): `id dialogId name type messageType owner color avatar description extranet role containsCollaber
			muteList entityType entityId entityData1 entityData2 entityData3 entityLink diskFolderId permissions parentChatId
			parentMessageId isNew textFieldEnabled backgroundId
			dateCreate lastMessageId lastId managerList messageCount userCounter unreadId lastMessageViews markedId public`,
		new(imbotv2.Message): `id chatId authorId date text isSystem uuid forward params viewedByOthers unread viewed`,
		new(imbotv2.File): `id chatId date type name extension size image authorId authorName isTranscribable isVideoNote
			isVoiceNote status progress urlPreview urlShow urlDownload viewerAttrs mediaUrl`,
		new(imbotv2.BotInfo): `id code type isHidden isSupportOpenline isReactionsEnabled backgroundId language
			moduleId eventMode countMessage countCommand countChat countUser`,
		new(imbotv2.Command):     `id botId command common hidden extranetSupport title params category context`,
		new(imbotv2.CommandCall): `id command params context`,
	}
	// One of these is something for whatever a member is.
	values := []string{
		`7`, `true`, `"2026-01-02T03:04:05Z"`, `[7]`,
		`{"id":7,"workPhone":"7","url":"7","canPost":"owner","messageId":7,"code":"7","width":7,"REPLY_ID":7}`,
	}
	for noun, documented := range tests {
		names := strings.Fields(documented)
		assert.Len(t, names, reflect.TypeOf(noun).Elem().NumField(), "%T", noun)
		for _, name := range names {
			assert.True(t, slices.ContainsFunc(values, func(value string) bool {
				err := noun.UnmarshalJSON([]byte(`{"` + name + `":` + value + `}`))
				return err == nil && !reflect.ValueOf(noun).Elem().IsZero()
			}), "%T has no %s", noun, name)
		}
	}
}

// A list with something in it that is not understood says nothing about who is not in it.
func TestListsAreWholeOrErrors(t *testing.T) {
	t.Parallel()
	for text, into := range map[string]any{
		`[{"id":1},null]`:                               new([]imbotv2.User),
		`[{"id":1},5]`:                                  new([]imbotv2.User),
		`{"managerList":[1,"x"]}`:                       new(imbotv2.Chat),
		`{"params":{"FILE_ID":["1","x"]}}`:              new(imbotv2.Message),
		`{"departments":[1,null]}`:                      new(imbotv2.User),
		`{"lastMessageViews":"{\"firstViewers\":[1]}"}`: new(imbotv2.Chat),
	} {
		require.Error(t, json.Unmarshal([]byte(text), into), text)
		require.Error(t, loose.Unmarshal([]byte(text), into), text)
	}
	for _, into := range []json.Unmarshaler{
		new(imbotv2.User), new(imbotv2.Chat), new(imbotv2.Message), new(imbotv2.MessageParams), new(imbotv2.File),
		new(imbotv2.BotInfo),
		new(imbotv2.Command), new(imbotv2.CommandCall), new(imbotv2.Event),
	} {
		for _, text := range []string{`null`, `5`, `"x"`, `[1]`, `true`} {
			require.Error(t, json.Unmarshal([]byte(text), into), "%T %s", into, text)
		}
	}
}

// A bot that had the code before is compared with all that the portal shows.
func TestBotRegisterResult_Differs(t *testing.T) {
	t.Parallel()
	result := imbotv2.BotRegisterResult{
		Bot: imbotv2.BotInfo{ID: 39, Type: imbotv2.BotTypeBot, EventMode: imbotv2.EventModeFetch, BackgroundID: "azure", IsReactionsEnabled: true},
		Users: []imbotv2.User{{ID: 1}, {
			ID: 39, Name: "Echo Bot", FirstName: "Echo", LastName: "Bot", WorkPosition: "Parrot", Gender: imbotv2.GenderMale, Color: "#df532d",
		}},
	}
	same := imbotv2.BotRegisterFields{
		Type: imbotv2.BotTypeBot, EventMode: imbotv2.EventModeFetch, BackgroundID: "azure", IsReactionsEnabled: new(true), IsHidden: new(false),
		Properties: imbotv2.BotProperties{Name: "Echo", LastName: "Bot", WorkPosition: "Parrot", Gender: imbotv2.GenderMale, Color: "azure"},
	}
	assert.Empty(t, result.Differs(same))
	same.IsReactionsEnabled, same.IsHidden, same.Type, same.EventMode, same.Properties.WorkPosition, same.Properties.Color = nil, nil, "", "", "", ""
	same.Properties.Gender = "" // which portals show as male
	assert.Empty(t, result.Differs(same), "what a new bot would have")
	assert.Equal(t, []string{"backgroundId", "properties.lastName"}, result.Differs(imbotv2.BotRegisterFields{Properties: imbotv2.BotProperties{Name: "Echo"}}))
	assert.Equal(t, []string{"backgroundId"}, result.Differs(imbotv2.BotRegisterFields{Properties: imbotv2.BotProperties{Name: "Echo Bot"}}), "the whole name")
	other := imbotv2.BotRegisterResult{
		Bot:   imbotv2.BotInfo{ID: 39, Type: imbotv2.BotTypeBot, EventMode: imbotv2.EventModeFetch, IsHidden: true, IsSupportOpenLine: true},
		Users: []imbotv2.User{{ID: 39, Name: "Echo", FirstName: "Echo", Gender: imbotv2.GenderFemale}},
	}
	assert.Equal(t, []string{"isHidden", "isReactionsEnabled", "isSupportOpenline", "properties.gender"},
		other.Differs(imbotv2.BotRegisterFields{BackgroundID: imbotv2.NoBackground, Properties: imbotv2.BotProperties{Name: "Echo"}}), "what a new bot would not have")
	for name, change := range map[string]func(*imbotv2.BotRegisterFields){
		"type":                    func(f *imbotv2.BotRegisterFields) { f.Type = imbotv2.BotTypeSupervisor },
		"eventMode":               func(f *imbotv2.BotRegisterFields) { f.EventMode = imbotv2.EventModeWebhook },
		"isHidden":                func(f *imbotv2.BotRegisterFields) { f.IsHidden = new(true) },
		"isReactionsEnabled":      func(f *imbotv2.BotRegisterFields) { f.IsReactionsEnabled = new(false) },
		"isSupportOpenline":       func(f *imbotv2.BotRegisterFields) { f.IsSupportOpenLine = new(true) },
		"backgroundId":            func(f *imbotv2.BotRegisterFields) { f.BackgroundID = "mint" },
		"properties.name":         func(f *imbotv2.BotRegisterFields) { f.Properties.Name = "Parrot" },
		"properties.lastName":     func(f *imbotv2.BotRegisterFields) { f.Properties.LastName = "Parrot" },
		"properties.gender":       func(f *imbotv2.BotRegisterFields) { f.Properties.Gender = imbotv2.GenderFemale },
		"properties.workPosition": func(f *imbotv2.BotRegisterFields) { f.Properties.WorkPosition = "Echo" },
	} {
		changed := same
		change(&changed)
		assert.Equal(t, []string{name}, result.Differs(changed))
	}
}

// What was read and is written again reads as the same.
func TestNounsSurviveJSON(t *testing.T) {
	t.Parallel()
	for name, data := range examples(t, "example_results.json") {
		first := readResult(t, name, data)
		again, err := json.Marshal(first)
		require.NoError(t, err)
		assert.Equal(t, asJSON(t, first), asJSON(t, readResult(t, "", again)), name)
	}
}

// asJSON returns a value as text, which has no pointers in its times and shows where two differ.
func asJSON(t *testing.T, value any) string {
	t.Helper()
	text, err := json.MarshalIndent(value, "", " ")
	require.NoError(t, err)
	return string(text)
}
