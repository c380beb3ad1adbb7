package acceptance_test

import (
	"maps"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
	"github.com/seed-a6e4e5a4/imbot/internal/docs"
)

// Who leaves out a required field gets the error that the comment of the field names.
func TestDocs_requiredFields(t *testing.T) {
	t.Parallel()
	const dialog = "chat13"
	comments, codes := exported(packageDecls(t, "imbotv2")), codesByName(t)
	leavesOut(t, comments, codes, imbotv2.MethodChatLeave, imbotv2.ChatLeaveRequest{BotID: 39, DialogID: dialog})
	leavesOut(t, comments, codes, imbotv2.MethodChatGet, imbotv2.ChatGetRequest{BotID: 39, DialogID: dialog})
	leavesOut(t, comments, codes, imbotv2.MethodUserList, imbotv2.UserListRequest{BotID: 39, DialogID: dialog})
	leavesOut(t, comments, codes, imbotv2.MethodInputActionNotify, imbotv2.InputActionNotifyRequest{BotID: 39, DialogID: dialog})
	leavesOut(t, comments, codes, imbotv2.MethodBotRegister, imbotv2.BotRegisterRequest{
		Fields: imbotv2.BotRegisterFields{Code: "echo", Properties: imbotv2.BotProperties{Name: "Echo"}},
	})
	leavesOut(t, comments, codes, imbotv2.MethodMessageSend, imbotv2.MessageSendRequest{
		BotID: 39, DialogID: dialog, Fields: imbotv2.MessageSendFields{Message: "hello"},
	})
	leavesOut(t, comments, codes, imbotv2.MethodCommandRegister, imbotv2.CommandRegisterRequest{
		BotID: 39, Fields: imbotv2.CommandRegisterFields{Command: "help", Title: imbotv2.Localized{"en": "Help"}},
	})
	leavesOut(t, comments, codes, imbotv2.MethodCommandAnswer, imbotv2.CommandAnswerRequest{
		BotID: 39, CommandID: 3, MessageID: 9, DialogID: dialog, Fields: imbotv2.CommandAnswerFields{Message: "hello"},
	})
	leavesOut(t, comments, codes, imbotv2.MethodFileUpload, imbotv2.FileUploadRequest{
		BotID: 39, DialogID: dialog,
		Fields: imbotv2.FileUploadFields{Name: "a.txt", Content: imbot.NewFileContent(strings.NewReader("a"), 1)},
	})
	leavesOut(t, comments, codes, imbotv2.MethodMessageUpdate, imbotv2.MessageUpdateRequest{
		BotID: 39, MessageID: 9, Fields: imbotv2.MessageUpdateFields{Message: "hello"},
	})
	leavesOut(t, comments, codes, imbotv2.MethodMessageDelete, imbotv2.MessageDeleteRequest{BotID: 39, MessageID: 9})
	leavesOut(t, comments, codes, imbotv2.MethodMessageGet, imbotv2.MessageGetRequest{BotID: 39, MessageID: 9})
	leavesOut(t, comments, codes, imbotv2.MethodMessageGetContext, imbotv2.MessageGetContextRequest{BotID: 39, MessageID: 9})
	leavesOut(t, comments, codes, imbotv2.MethodMessageRead, imbotv2.MessageReadRequest{BotID: 39, DialogID: dialog})
	leavesOut(t, comments, codes, imbotv2.MethodReactionAdd, imbotv2.ReactionAddRequest{BotID: 39, MessageID: 9, Reaction: "like"})
	leavesOut(t, comments, codes, imbotv2.MethodReactionDelete, imbotv2.ReactionDeleteRequest{BotID: 39, MessageID: 9, Reaction: "like"})
	leavesOut(t, comments, codes, imbotv2.MethodCommandUpdate, imbotv2.CommandUpdateRequest{
		BotID: 39, CommandID: 3, Fields: imbotv2.CommandUpdateFields{Command: "help"},
	})
	leavesOut(t, comments, codes, imbotv2.MethodCommandUnregister, imbotv2.CommandUnregisterRequest{BotID: 39, CommandID: 3})
	leavesOut(t, comments, codes, imbotv2.MethodFileDownload, imbotv2.FileDownloadRequest{BotID: 39, FileID: 138})
	leavesOut(t, comments, codes, imbotv2.MethodIMFileUpload, imbotv2.IMFileUploadRequest{
		DialogID: dialog,
		Fields:   imbotv2.IMFileUploadFields{Name: "a.txt", Content: imbot.NewFileContent(strings.NewReader("a"), 1)},
	})
	leavesOut(t, comments, codes, imbotv2.MethodIMFileDownload, imbotv2.IMFileDownloadRequest{DialogID: dialog, FileID: 138})
}

func TestDocs_requiredFieldsOfChats(t *testing.T) {
	t.Parallel()
	const dialog = "chat13"
	comments, codes := exported(packageDecls(t, "imbotv2")), codesByName(t)
	users := []imbot.UserID{7}
	leavesOut(t, comments, codes, imbotv2.MethodBotUpdate, imbotv2.BotUpdateRequest{BotID: 39, Fields: imbotv2.BotUpdateFields{IsHidden: new(true)}})
	leavesOut(t, comments, codes, imbotv2.MethodChatUpdate, imbotv2.ChatUpdateRequest{
		BotID: 39, DialogID: dialog, Fields: imbotv2.ChatUpdateFields{Title: "Support"},
	})
	leavesOut(t, comments, codes, imbotv2.MethodChatSetOwner, imbotv2.ChatSetOwnerRequest{BotID: 39, DialogID: dialog, UserID: 7})
	leavesOut(t, comments, codes, imbotv2.MethodManagerAdd, imbotv2.ManagerAddRequest{BotID: 39, DialogID: dialog, UserIDs: users})
	leavesOut(t, comments, codes, imbotv2.MethodManagerDelete, imbotv2.ManagerDeleteRequest{BotID: 39, DialogID: dialog, UserIDs: users})
	leavesOut(t, comments, codes, imbotv2.MethodUserAdd, imbotv2.UserAddRequest{BotID: 39, DialogID: dialog, UserIDs: users})
	leavesOut(t, comments, codes, imbotv2.MethodUserDelete, imbotv2.UserDeleteRequest{BotID: 39, DialogID: dialog, UserID: 7})
	leavesOut(t, comments, codes, imbotv2.MethodTextFieldEnabled, imbotv2.TextFieldEnabledRequest{BotID: 39, DialogID: dialog})
}

// leavesOut leaves out each required field of a request that is right.
func leavesOut[Req, Res any](t *testing.T, comments, codes map[string]string, m imbot.Method[Req, Res], request Req) {
	t.Helper()
	require.NoError(t, m.Validate(request))
	typ := reflect.TypeOf(request)
	for i := range typ.NumField() {
		where := typ.Name() + "." + fieldMark + typ.Field(i).Name
		named := required.FindStringSubmatch(comments[where])
		if named == nil {
			continue
		}
		changed := request
		reflect.ValueOf(&changed).Elem().Field(i).SetZero()
		code := named[2]
		if named[1] != "" {
			code = codes[named[1]]
			require.NotEmpty(t, code, where)
		}
		require.ErrorIs(t, m.Validate(changed), imbot.Code(code), where)
	}
}

// codesByName has the code behind each constant of the two packages of methods.
func codesByName(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, folder := range []string{root, filepath.Join(root, "imbotv2")} {
		codes, err := docs.Errors(folder)
		require.NoError(t, err)
		maps.Copy(all, codes)
	}
	return all
}
