package imbotv2

import (
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/loose"
)

// ChatType is what kind of chat something is.
type ChatType string

// The kinds of chats. A portal may have others.
const (
	ChatPrivate        ChatType = "private"        // of two users
	ChatGroup          ChatType = "chat"           // one has to be added
	ChatOpen           ChatType = "open"           // whoever wants may join
	ChatChannel        ChatType = "channel"        // a channel for those who were added
	ChatOpenChannel    ChatType = "openChannel"    // a channel that whoever wants may join
	ChatGeneralChannel ChatType = "generalChannel" // the general channel of the portal
	ChatCopilot        ChatType = "copilot"        // with CoPilot, the assistant of Bitrix24
	ChatThread         ChatType = "thread"         // the comments on a message
)

// Chat is a chat, as its caller sees it. What the portal left out, or has null for, is zero. In events these are Role,
// MuteList and all fields from DateCreate on.
type Chat struct {
	ID               imbot.ChatID    `json:"id"`               // the chat, also of a private dialog
	DialogID         imbot.DialogID  `json:"dialogId"`         // where messages to it go
	Name             string          `json:"name"`             // the title
	Type             ChatType        `json:"type"`             // the kind of chat
	MessageType      string          `json:"messageType"`      // the same in a letter, such as "C" or "P"
	Owner            imbot.UserID    `json:"owner"`            // who owns the chat
	Color            string          `json:"color"`            // as "#4ba984"; empty without one
	Avatar           string          `json:"avatar"`           // the address of the picture; empty without one
	Description      string          `json:"description"`      // a text about the chat
	Extranet         bool            `json:"extranet"`         // somebody from outside the company is in the chat
	Role             imbot.Role      `json:"role"`             // of the caller
	ContainsCollaber bool            `json:"containsCollaber"` // somebody invited to a collaboration is in the chat
	MuteList         []imbot.UserID  `json:"muteList"`         // the caller, who turned its notifications off; or empty
	EntityType       string          `json:"entityType"`       // with EntityID: what the chat is bound to, such as "LINES"
	EntityID         string          `json:"entityId"`         // see EntityType
	EntityData1      string          `json:"entityData1"`      // what was noted with the binding
	EntityData2      string          `json:"entityData2"`      // see EntityData1
	EntityData3      string          `json:"entityData3"`      // see EntityData1
	EntityLink       EntityLink      `json:"entityLink"`       // the way to what the chat is bound to
	DiskFolderID     int64           `json:"diskFolderId"`     // the folder on the portal's drive; zero without one
	Permissions      ChatPermissions `json:"permissions"`      // what one has to be for what
	ParentChatID     imbot.ChatID    `json:"parentChatId"`     // the chat that a thread belongs to; zero otherwise
	ParentMessageID  imbot.MessageID `json:"parentMessageId"`  // the message that a thread is about; zero otherwise
	IsNew            bool            `json:"isNew"`            // it was just made
	TextFieldEnabled bool            `json:"textFieldEnabled"` // one may type in the chat
	BackgroundID     string          `json:"backgroundId"`     // the background; empty without one

	DateCreate       time.Time        `json:"dateCreate"`       // when it was made
	LastMessageID    imbot.MessageID  `json:"lastMessageId"`    // the last message
	LastID           imbot.MessageID  `json:"lastId"`           // the last message that the caller has read
	ManagerList      []imbot.UserID   `json:"managerList"`      // the managers of the chat
	MessageCount     int64            `json:"messageCount"`     // messages
	UserCounter      int64            `json:"userCounter"`      // members
	UnreadID         imbot.MessageID  `json:"unreadId"`         // the first message that the caller has not read
	LastMessageViews LastMessageViews `json:"lastMessageViews"` // who has seen the last message
	MarkedID         imbot.MessageID  `json:"markedId"`         // the one that the caller marked as not read
	Public           ChatPublic       `json:"public"`           // how it is reached from outside
}

// UnmarshalJSON reads an object in all forms that portals have for its members.
func (c *Chat) UnmarshalJSON(data []byte) error {
	type plain Chat
	return loose.Unmarshal(data, (*plain)(c))
}

// EntityLink is the way to what a chat is bound to.
type EntityLink struct {
	Type string `json:"type"` // as EntityType of the [Chat]
	ID   string `json:"id"`   // as EntityID of the [Chat]
	URL  string `json:"url"`  // its page, without the host; empty without one
}

// ChatPermissions is the least that one has to be in a chat for something. Each is empty where the portal does not say.
type ChatPermissions struct {
	ManageUsersAdd    imbot.Role `json:"manageUsersAdd"`    // to add members
	ManageUsersDelete imbot.Role `json:"manageUsersDelete"` // to remove members
	ManageUI          imbot.Role `json:"manageUi"`          // to change name, picture and color
	ManageSettings    imbot.Role `json:"manageSettings"`    // to change the settings
	ManageMessages    imbot.Role `json:"manageMessages"`    // to change messages of others
	CanPost           imbot.Role `json:"canPost"`           // to write
}

// LastMessageViews is who has seen the last message of a chat.
type LastMessageViews struct {
	MessageID      imbot.MessageID `json:"messageId"`      // the message
	FirstViewers   []Viewer        `json:"firstViewers"`   // those who saw it first
	CountOfViewers int64           `json:"countOfViewers"` // how many have seen it
}

// Viewer is somebody who has seen a message.
type Viewer struct {
	UserID   imbot.UserID `json:"userId"`   // the member
	UserName string       `json:"userName"` // the name of the member
	Date     time.Time    `json:"date"`     // zero where the portal does not know
}

// ChatPublic is how a chat is reached from outside of the portal; zero where it is not.
type ChatPublic struct {
	Code string `json:"code"` // names the chat there
	Link string `json:"link"` // its address
}

// UnmarshalJSON reads an object, or a text for the code alone.
func (p *ChatPublic) UnmarshalJSON(data []byte) error {
	if code, ok := loose.Text[string](data); ok {
		*p = ChatPublic{Code: code}
		return nil
	}
	type plain ChatPublic
	return loose.Unmarshal(data, (*plain)(p))
}
