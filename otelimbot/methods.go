package otelimbot

import (
	"errors"
	"regexp"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// other stands for all values of a label that are too many to be told apart.
const other = "_OTHER"

// methodNames are the methods that are told apart, whatever else a program calls.
var methodNames = []string{
	"batch",

	imbot.MethodBotList.Name, imbot.MethodBotRegister.Name, imbot.MethodBotUnregister.Name, imbot.MethodBotUpdate.Name,
	imbot.MethodChatAdd.Name, imbot.MethodChatGet.Name, imbot.MethodChatLeave.Name, imbot.MethodChatSendTyping.Name,
	imbot.MethodChatSetManager.Name, imbot.MethodChatSetOwner.Name, imbot.MethodChatUpdateAvatar.Name,
	imbot.MethodChatUpdateColor.Name, imbot.MethodChatUpdateTitle.Name, imbot.MethodChatUserAdd.Name,
	imbot.MethodChatUserDelete.Name, imbot.MethodChatUserList.Name,
	imbot.MethodCommandAnswer.Name, imbot.MethodCommandRegister.Name, imbot.MethodCommandUnregister.Name, imbot.MethodCommandUpdate.Name,
	imbot.MethodDialogGet.Name,
	imbot.MethodMessageAdd.Name, imbot.MethodMessageDelete.Name, imbot.MethodMessageLike.Name, imbot.MethodMessageUpdate.Name,

	imbotv2.MethodBotGet.Name, imbotv2.MethodBotList.Name, imbotv2.MethodBotRegister.Name, imbotv2.MethodBotUnregister.Name,
	imbotv2.MethodBotUpdate.Name,
	imbotv2.MethodChatAdd.Name, imbotv2.MethodChatGet.Name, imbotv2.MethodChatLeave.Name, imbotv2.MethodChatSetOwner.Name,
	imbotv2.MethodChatUpdate.Name, imbotv2.MethodInputActionNotify.Name, imbotv2.MethodManagerAdd.Name, imbotv2.MethodManagerDelete.Name,
	imbotv2.MethodTextFieldEnabled.Name, imbotv2.MethodUserAdd.Name, imbotv2.MethodUserDelete.Name, imbotv2.MethodUserList.Name,
	imbotv2.MethodMessageDelete.Name, imbotv2.MethodMessageGet.Name, imbotv2.MethodMessageGetContext.Name, imbotv2.MethodMessageRead.Name,
	imbotv2.MethodMessageSend.Name, imbotv2.MethodMessageUpdate.Name, imbotv2.MethodReactionAdd.Name, imbotv2.MethodReactionDelete.Name,
	imbotv2.MethodCommandAnswer.Name, imbotv2.MethodCommandList.Name, imbotv2.MethodCommandRegister.Name,
	imbotv2.MethodCommandUnregister.Name, imbotv2.MethodCommandUpdate.Name,
	imbotv2.MethodEventGet.Name, imbotv2.MethodFileDownload.Name, imbotv2.MethodFileUpload.Name, imbotv2.MethodRevisionGet.Name,
	imbotv2.MethodIMEventGet.Name, imbotv2.MethodIMEventSubscribe.Name, imbotv2.MethodIMEventUnsubscribe.Name,
	imbotv2.MethodIMFileDownload.Name, imbotv2.MethodIMFileUpload.Name,
}

// methods are those that are told apart.
type methods map[string]bool

// newMethods returns the methods of this SDK, and more.
func newMethods(more []string) methods {
	known := make(methods, len(methodNames)+len(more))
	for _, name := range methodNames {
		known[name] = true
	}
	for _, name := range more {
		known[name] = true
	}
	return known
}

// named returns the name of a method that is told apart, and otherwise what stands for all others.
func (m methods) named(name string) string {
	if m[name] {
		return name
	}
	return other
}

// methodForm is that of the names of methods: of several words, and without digits but those of a version, so that it
// can be neither an id nor a secret.
var methodForm = regexp.MustCompile(`^[A-Za-z_]+(\.([A-Za-z_]+|v[0-9]))+$`)

const longestMethod = 64

// isShown reports whether the name of a method may be told on a span, where there may be many.
func isShown(name string) bool { return len(name) <= longestMethod && methodForm.MatchString(name) }

var errEmpty = errors.New("is empty")

// WithMethods tells more methods apart, by their exact names: those that a program calls by [imbot.Call] and that this
// SDK has no Go method for, such as "im.chat.mute". Without it they are all "_OTHER". An empty name is an
// [*imbot.ParamError].
func WithMethods(names ...string) Option {
	return func(c *config) error {
		for _, name := range names {
			if name == "" {
				return &imbot.ParamError{Param: "WithMethods", Err: errEmpty}
			}
		}
		c.methods = append(c.methods, names...)
		return nil
	}
}
