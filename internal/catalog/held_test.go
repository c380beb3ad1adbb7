package catalog_test

import (
	"context"
	"reflect"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// held is a method of this module, as the tests need it.
type held struct {
	name     string
	isSafe   bool // to repeat after a lost answer
	req, res reflect.Type
	validate func(req reflect.Value) error
	call     func(ctx context.Context, c *imbot.Client, req reflect.Value) (reflect.Value, error)
}

func hold[Req, Res any](m imbot.Method[Req, Res]) held {
	return held{
		name: m.Name, isSafe: m.Idempotent, req: reflect.TypeFor[Req](), res: reflect.TypeFor[Res](),
		validate: func(req reflect.Value) error {
			if m.Validate == nil {
				return nil
			}
			return m.Validate(req.Interface().(Req))
		},
		call: func(ctx context.Context, c *imbot.Client, req reflect.Value) (reflect.Value, error) {
			response, err := imbot.Call(ctx, c, m, req.Interface().(Req))
			if err != nil {
				return reflect.Value{}, err
			}
			return reflect.ValueOf(response.Result), nil
		},
	}
}

// methods are all methods of this module. TestMethods finds one that is missing here.
var methods = []held{
	hold(imbot.MethodBotList), hold(imbot.MethodBotRegister), hold(imbot.MethodBotUnregister), hold(imbot.MethodBotUpdate),
	hold(imbot.MethodChatAdd), hold(imbot.MethodChatGet), hold(imbot.MethodChatLeave), hold(imbot.MethodChatSendTyping),
	hold(imbot.MethodChatSetManager), hold(imbot.MethodChatSetOwner), hold(imbot.MethodChatUpdateAvatar), hold(imbot.MethodChatUpdateColor),
	hold(imbot.MethodChatUpdateTitle), hold(imbot.MethodChatUserAdd), hold(imbot.MethodChatUserDelete), hold(imbot.MethodChatUserList),
	hold(imbot.MethodCommandAnswer), hold(imbot.MethodCommandRegister), hold(imbot.MethodCommandUnregister), hold(imbot.MethodCommandUpdate),
	hold(imbot.MethodDialogGet), hold(imbot.MethodMessageAdd), hold(imbot.MethodMessageDelete), hold(imbot.MethodMessageLike),
	hold(imbot.MethodMessageUpdate),

	hold(imbotv2.MethodBotGet), hold(imbotv2.MethodBotList), hold(imbotv2.MethodBotRegister), hold(imbotv2.MethodBotUnregister),
	hold(imbotv2.MethodBotUpdate), hold(imbotv2.MethodChatAdd), hold(imbotv2.MethodChatGet), hold(imbotv2.MethodChatLeave),
	hold(imbotv2.MethodChatSetOwner), hold(imbotv2.MethodChatUpdate), hold(imbotv2.MethodCommandAnswer), hold(imbotv2.MethodCommandList),
	hold(imbotv2.MethodCommandRegister), hold(imbotv2.MethodCommandUnregister), hold(imbotv2.MethodCommandUpdate), hold(imbotv2.MethodEventGet),
	hold(imbotv2.MethodFileDownload), hold(imbotv2.MethodFileUpload), hold(imbotv2.MethodInputActionNotify), hold(imbotv2.MethodManagerAdd),
	hold(imbotv2.MethodManagerDelete), hold(imbotv2.MethodMessageDelete), hold(imbotv2.MethodMessageGet), hold(imbotv2.MethodMessageGetContext),
	hold(imbotv2.MethodMessageRead), hold(imbotv2.MethodMessageSend), hold(imbotv2.MethodMessageUpdate), hold(imbotv2.MethodReactionAdd),
	hold(imbotv2.MethodReactionDelete), hold(imbotv2.MethodRevisionGet), hold(imbotv2.MethodTextFieldEnabled), hold(imbotv2.MethodUserAdd),
	hold(imbotv2.MethodUserDelete), hold(imbotv2.MethodUserList),

	hold(imbotv2.MethodIMEventGet), hold(imbotv2.MethodIMEventSubscribe), hold(imbotv2.MethodIMEventUnsubscribe),
	hold(imbotv2.MethodIMFileDownload), hold(imbotv2.MethodIMFileUpload),
}

// methodNamed returns the method with a name.
func methodNamed(name string) (held, bool) {
	for _, m := range methods {
		if m.name == name {
			return m, true
		}
	}
	return held{}, false
}
