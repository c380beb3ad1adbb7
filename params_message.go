package imbot

import (
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"github.com/seed-a6e4e5a4/imbot/content"
)

// keyboardOf returns a keyboard that names its bot, which its buttons with commands are for.
func keyboardOf(bot BotID, keyboard *content.Keyboard) *content.Keyboard {
	if keyboard == nil || keyboard.BotID != 0 {
		return keyboard
	}
	named := *keyboard
	named.BotID = int64(bot)
	return &named
}

// menuOf returns a menu that names its bot, which its items with commands are for.
func menuOf(bot BotID, menu *content.Menu) *content.Menu {
	if menu == nil || menu.BotID != 0 {
		return menu
	}
	named := *menu
	named.BotID = int64(bot)
	return &named
}

// requireText returns what is wrong with a text that has to be there.
func requireText(param, text string, sentinel Code) *ParamError {
	if strings.TrimSpace(text) != "" {
		return nil
	}
	return &ParamError{Param: param, Err: fmt.Errorf("is missing: %w", sentinel)}
}

// requireMessage returns what is wrong with the text of a message.
func requireMessage(text string) *ParamError {
	if problem := requireText("MESSAGE", text, ErrMessageEmpty); problem != nil {
		return problem
	}
	return paramError("MESSAGE", content.CheckText(text))
}

// allowParts returns what is wrong with the parts of a message that may be left out.
func allowParts(attach *content.Attach, keyboard *content.Keyboard, menu *content.Menu) *ParamError {
	if problem := paramError("ATTACH", attach.Check()); problem != nil {
		return problem
	}
	if problem := paramError("KEYBOARD", keyboard.Check()); problem != nil {
		return problem
	}
	return paramError("MENU", menu.Check())
}

func paramError(param string, err error) *ParamError {
	if err == nil {
		return nil
	}
	return &ParamError{Param: param, Err: err}
}

// requireFields returns what is wrong with a structure that says what to change, and has to say something.
func requireFields(param string, fields any) *ParamError {
	if !reflect.ValueOf(fields).IsZero() {
		return nil
	}
	return &ParamError{Param: param, Err: fmt.Errorf("has nothing to change: %w", ErrWrongRequest)}
}

// requireLang returns what is wrong with the texts of a command. The portal leaves out those that lack a part.
func requireLang(param string, texts []CommandLang) *ParamError {
	if len(texts) == 0 {
		return &ParamError{Param: param, Err: fmt.Errorf("is empty: %w", ErrLang)}
	}
	if slices.ContainsFunc(texts, func(t CommandLang) bool { return t.LanguageID == "" || strings.TrimSpace(t.Title) == "" }) {
		return &ParamError{Param: param, Err: fmt.Errorf("has a text without LANGUAGE_ID or TITLE: %w", ErrLang)}
	}
	return nil
}

// allowWord returns what is wrong with the word of a command. One with a blank in it nobody can give.
func allowWord(param, word string) *ParamError {
	if !strings.ContainsFunc(word, func(r rune) bool { return r <= ' ' }) {
		return nil
	}
	return &ParamError{Param: param, Err: fmt.Errorf("has a blank in it: %w", ErrCommandEmpty)}
}

// handler is the address that an event is posted to.
type handler struct {
	param    string
	address  string
	required bool // unless there is one for all events
}

// checkHandlers returns what is wrong with the addresses of events, where common stands for all of them. They are in a
// parameter, or in none.
func checkHandlers(in, common string, handlers ...handler) *ParamError {
	problem := func(param string, err error) *ParamError {
		if in != "" {
			param = in + "[" + param + "]"
		}
		return &ParamError{Param: param, Err: err}
	}
	for _, h := range handlers {
		sentinel := Code(h.param + "_ERROR")
		switch {
		case h.address != "" && common != "":
			return problem(h.param, errors.New("would be ignored, as EVENT_HANDLER stands for all events"))
		case h.address == "" && common == "" && h.required:
			return problem(h.param, fmt.Errorf("is missing: %w", sentinel))
		case h.address != "" && !isHandler(h.address):
			return problem(h.param, fmt.Errorf("%s: %w", noHandler, sentinel))
		case common != "" && !isHandler(common):
			return problem("EVENT_HANDLER", fmt.Errorf("%s: %w", noHandler, sentinel))
		}
	}
	return nil
}

const noHandler = "has to be an http:// or https:// address without a fragment"

// isHandler reports whether a portal can post to an address. By webhook, the portal adds a parameter at its end.
func isHandler(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && !strings.Contains(address, "#")
}
