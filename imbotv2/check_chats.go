package imbotv2

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/seed-a6e4e5a4/imbot"
)

// refusedAct has the rows of a method that asks for a right in a chat, and not only to be in it.
func refusedAct() []imbot.Refusal {
	return append(refusedAccess(ErrNotPermitted), imbot.Refusal{Code: ErrChatNotFound, Means: imbot.ErrNotInChat})
}

// requireUserIDs returns what is wrong with a list of users that has to be there.
func requireUserIDs(param string, ids []imbot.UserID, sentinel error) *imbot.ParamError {
	if len(ids) == 0 {
		return &imbot.ParamError{Param: param, Err: fmt.Errorf("names no user: %w", sentinel)}
	}
	return allowUserIDs(param, ids, sentinel)
}

// allowUserIDs returns what is wrong with a list of users that may be left out.
func allowUserIDs(param string, ids []imbot.UserID, sentinel error) *imbot.ParamError {
	for i, id := range ids {
		if problem := requireID(fmt.Sprintf("%s[%d]", param, i), id, sentinel); problem != nil {
			return problem
		}
	}
	return nil
}

// allowImage returns what is wrong with a picture that may be left out.
func allowImage(param string, img imbot.Image) *imbot.ParamError {
	if len(img) == 0 {
		return nil
	}
	_, err := imbot.ReadImage(bytes.NewReader(img))
	if problem := (*imbot.ParamError)(nil); errors.As(err, &problem) {
		return paramError(param, problem.Err)
	}
	return paramError(param, err)
}
