package methods

// Kind is what a chat is for. Its values are those of the fake portal's own type, in this order.
type Kind int

// The kinds of chats.
const (
	Group Kind = iota
	OpenChat
	General
	GeneralChannel
	Workgroup
	CallChat
	Support
	Network
	CRM
	OpenLine
	Copilot
	ExternalTask
	Private
)

// rule is something that a kind of chat does not allow, or rules combined.
type rule uint

const (
	general     rule = 1 << iota // methods that change the chat or its members answer "Action unavailable"
	private                      // the methods for chats see no members there
	noLeaving                    // members of such chats are never deleted by REST
	ownerStays                   // the owner may not leave; in other chats the ownership passes to somebody else
	noExtending                  // members are never added by REST
	noAvatar                     // the avatar is that of the entity
	noRenaming                   // the title is that of the entity
	noCalls                      // there are no calls, and no muting
	noUserList                   // the list of members is not shown to people; REST shows it
)

var kinds = [...]struct {
	name       string
	dialogType string // what imbot.dialog.get calls it
	entity     string // the type of what such chats belong to
	alias      string // what stands before the entity's id in DIALOG_ID, besides "chat" and the chat's id
	rules      rule
}{
	Group:          {"Group", "chat", "", "", 0},
	OpenChat:       {"OpenChat", "open", "", "", 0},
	General:        {"General", "general", "GENERAL", "", general | noLeaving | ownerStays | noExtending | noAvatar | noRenaming},
	GeneralChannel: {"GeneralChannel", "generalChannel", "GENERAL_CHANNEL", "", ownerStays},
	Workgroup:      {"Workgroup", "sonetGroup", "SONET_GROUP", "sg", noLeaving | ownerStays | noExtending | noAvatar | noRenaming},
	CallChat:       {"CallChat", "call", "CALL", "", noLeaving | ownerStays | noExtending | noCalls},
	Support:        {"Support", "support24Question", "SUPPORT24_QUESTION", "", noLeaving | ownerStays | noExtending | noAvatar | noCalls | noUserList},
	Network:        {"Network", "networkDialog", "NETWORK_DIALOG", "", noLeaving | ownerStays | noExtending | noAvatar | noCalls | noUserList},
	CRM:            {"CRM", "crm", "CRM", "crm", ownerStays | noAvatar | noRenaming},
	OpenLine:       {"OpenLine", "lines", "LINES", "", ownerStays},
	Copilot:        {"Copilot", "copilot", "", "", ownerStays},
	ExternalTask:   {"ExternalTask", "tasksTask", "TASKS_TASK", "", ownerStays},
	Private:        {"Private", "private", "", "", private},
}

// Name returns the name of a kind, and false if there is no such kind.
func (k Kind) Name() (name string, known bool) {
	if k < 0 || int(k) >= len(kinds) {
		return "", false
	}
	return kinds[k].name, true
}

// Letter returns the letter that events have for a kind of chat.
func (k Kind) Letter() string {
	switch k {
	case Private:
		return "P"
	case OpenChat, General:
		return "O"
	default:
		return "C"
	}
}

// has reports whether a rule is among those of a kind.
func (k Kind) has(r rule) bool { return kinds[k].rules&r != 0 }

// kindOf returns the kind of a chat that a bot makes for an entity: the entity decides what is allowed there. No bot
// makes a second general chat.
func kindOf(entityType string, otherwise Kind) Kind {
	for _, kind := range []Kind{Workgroup, CallChat, Support, Network, CRM, OpenLine, ExternalTask} {
		if kinds[kind].entity == entityType {
			return kind
		}
	}
	return otherwise
}
