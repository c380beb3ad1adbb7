package imbottest_test

import (
	"encoding/json"
	"image/png"
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// chatMethods begin the names of the methods of version 1 for chats, which are older here than those for messages.
var chatMethods = []string{"imbot.chat.", "imbot.bot.", "imbot.dialog."}

// onceOnly are methods that refuse what is so already.
var onceOnly = []string{"imbot.chat.leave", "imbot.chat.setOwner", "imbot.chat.user.add", "imbot.chat.user.delete", "imbot.chat.updateColor"}

// TestChats_examples holds that the requests of the documentation about chats are answered as it is documented there.
func TestChats_examples(t *testing.T) {
	t.Parallel()
	for method, documented := range documentedMethods(t, chatMethods...) {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t, imbottest.Empty())
			for _, id := range []imbot.UserID{1269, 1271} {
				portal.AddUser(imbottest.User{ID: id})
			}
			portal.AddBot(imbottest.Bot{ID: 1291, ClientID: "EXAMPLE_CLIENT_ID"})
			portal.AddBot(imbottest.Bot{ID: 39, Code: "newbot", Name: "NewBot", ClientID: "EXAMPLE_CLIENT_ID"})
			portal.AddChat(imbottest.Chat{ID: 13, Members: []imbot.UserID{1, 39}})
			portal.AddChat(imbottest.Chat{ID: 123, Members: []imbot.UserID{1, 39}})
			portal.AddChat(imbottest.Chat{ID: 2727, Owner: 1291, Members: []imbot.UserID{1269, 1291}})
			members := []imbot.UserID{1, 1271, 1291}
			if method != "imbot.chat.user.add" {
				members = append(members, 1269)
			}
			portal.AddChat(imbottest.Chat{ID: 2725, Owner: 1291, Members: members, EntityType: "CHAT", EntityID: "13"})
			if documented.Request["AVATAR"] != nil {
				documented.Request["AVATAR"] = picture(t, 1, 1, png.Encode)
			}
			if method == "imbot.chat.setOwner" {
				documented.Request["CLIENT_ID"] = "EXAMPLE_CLIENT_ID" // the example is by OAuth
			}
			body, err := json.Marshal(documented.Request)
			require.NoError(t, err)
			for _, request := range []request{
				post(method, string(body)), post(method, brackets(documented.Request)).with("Content-Type", form),
			} {
				got := send(t, portal, request)
				require.Equal(t, http.StatusOK, got.status, got.body)
				var envelope struct{ Result any }
				require.NoError(t, json.Unmarshal([]byte(got.body), &envelope))
				if want, isTrue := documented.Result.(bool); isTrue {
					assert.Equal(t, want, envelope.Result, got.body)
				}
				assertShape(t, "result", documented.Result, envelope.Result)
				if slices.Contains(onceOnly, method) {
					break
				}
			}
		})
	}
}
