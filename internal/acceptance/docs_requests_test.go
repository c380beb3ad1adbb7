package acceptance_test

import (
	encodingjson "encoding/json"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// requests has every request type, by the folder of its package.
var requests = map[string][]any{
	".": {
		imbot.ChatLeaveRequest{},
		imbot.ChatAddRequest{},
		imbot.ChatGetRequest{},
		imbot.ChatUpdateTitleRequest{},
		imbot.ChatUpdateColorRequest{},
		imbot.ChatUpdateAvatarRequest{},
		imbot.ChatSetOwnerRequest{},
		imbot.ChatSetManagerRequest{},
		imbot.ChatSendTypingRequest{},
		imbot.ChatUserAddRequest{},
		imbot.ChatUserListRequest{},
		imbot.ChatUserDeleteRequest{},
		imbot.BotListRequest{},
		imbot.DialogGetRequest{},
		imbot.BotRegisterRequest{},
		imbot.BotUpdateRequest{},
		imbot.BotUnregisterRequest{},
		imbot.MessageAddRequest{},
		imbot.MessageUpdateRequest{},
		imbot.MessageDeleteRequest{},
		imbot.MessageLikeRequest{},
		imbot.CommandRegisterRequest{},
		imbot.CommandUpdateRequest{},
		imbot.CommandUnregisterRequest{},
		imbot.CommandAnswerRequest{},
	},
	"imbotv2": {
		imbotv2.ChatLeaveRequest{},
		imbotv2.BotRegisterRequest{},
		imbotv2.BotGetRequest{},
		imbotv2.BotUnregisterRequest{},
		imbotv2.EventGetRequest{},
		imbotv2.MessageSendRequest{},
		imbotv2.InputActionNotifyRequest{},
		imbotv2.CommandRegisterRequest{},
		imbotv2.CommandAnswerRequest{},
		imbotv2.ChatGetRequest{},
		imbotv2.FileUploadRequest{},
		imbotv2.UserListRequest{},
		imbotv2.MessageUpdateRequest{},
		imbotv2.MessageDeleteRequest{},
		imbotv2.MessageGetRequest{},
		imbotv2.MessageGetContextRequest{},
		imbotv2.MessageReadRequest{},
		imbotv2.ReactionAddRequest{},
		imbotv2.ReactionDeleteRequest{},
		imbotv2.CommandListRequest{},
		imbotv2.CommandUpdateRequest{},
		imbotv2.CommandUnregisterRequest{},
		imbotv2.FileDownloadRequest{},
		imbotv2.IMEventGetRequest{},
		imbotv2.IMEventSubscribeRequest{},
		imbotv2.IMEventUnsubscribeRequest{},
		imbotv2.IMFileUploadRequest{},
		imbotv2.IMFileDownloadRequest{},
		imbotv2.BotListRequest{},
		imbotv2.BotUpdateRequest{},
		imbotv2.RevisionGetRequest{},
		imbotv2.ChatAddRequest{},
		imbotv2.ChatUpdateRequest{},
		imbotv2.ChatSetOwnerRequest{},
		imbotv2.ManagerAddRequest{},
		imbotv2.ManagerDeleteRequest{},
		imbotv2.UserAddRequest{},
		imbotv2.UserDeleteRequest{},
		imbotv2.TextFieldEnabledRequest{},
	},
}

// required finds what the comment of a field names as the mistake of leaving it out: a sentinel, or a code.
var required = regexp.MustCompile(`required, or (?:\[(?:imbot\.)?(Err\w+)\]|([A-Z]+(?:_[A-Z]+)+))`)

// A request says by its tags alone what is sent, and no method of it would speak for a struct that embeds it.
func TestDocs_requests(t *testing.T) {
	t.Parallel()
	printing := map[string]bool{"Format": true, "LogValue": true}
	sentinels := codesByName(t)
	for folder, requests := range requests {
		docs := exported(packageDecls(t, folder))
		rows := map[string]bool{}
		for _, request := range requests {
			typ := reflect.TypeOf(request)
			rows[typ.Name()] = true
			body, err := encodingjson.Marshal(request)
			require.NoError(t, err)
			assert.Equal(t, "{", string(body[:1]), typ.Name())
			for i := range typ.NumField() {
				field := typ.Field(i)
				where := typ.Name() + "." + field.Name
				doc := docs[typ.Name()+"."+fieldMark+field.Name]
				assert.True(t, field.IsExported(), where)
				assert.NotEmpty(t, field.Tag.Get("json"), where)
				assert.True(t, folder != "." || field.Type.Kind() != reflect.Bool, "%s: a batch carries a YesNo, but no bool", where)
				_, option, _ := strings.Cut(field.Tag.Get("json"), ",")
				if option == "omitempty" || option == "omitzero" || strings.Contains(doc, "zero: that of [Client.As]") {
					continue
				}
				sentinel := required.FindStringSubmatch(doc)
				if assert.NotNil(t, sentinel, "%s: a field that is always sent names the mistake of leaving it out", where) && sentinel[1] != "" {
					assert.Contains(t, sentinels, sentinel[1], where)
				}
			}
			for method := range reflect.PointerTo(typ).Methods() {
				assert.True(t, printing[method.Name], "%s.%s", typ.Name(), method.Name)
			}
		}
		for name := range docs {
			if strings.HasSuffix(name, "Request") && !strings.HasPrefix(name, "Err") && !strings.Contains(name, ".") {
				assert.True(t, rows[name], "%s has no row", name)
			}
		}
	}
}
