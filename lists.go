package imbot

import "fmt"

// requireUserIDs returns what is wrong with a list of users that has to be there.
func requireUserIDs(param string, ids []UserID, sentinel Code) *ParamError {
	if len(ids) == 0 {
		return &ParamError{Param: param, Err: fmt.Errorf("is empty: %w", sentinel)}
	}
	return allowUserIDs(param, ids, sentinel)
}

// allowUserIDs returns what is wrong with a list of users that may be left out.
func allowUserIDs(param string, ids []UserID, sentinel Code) *ParamError {
	for _, id := range ids {
		if err := requireID(param, id, sentinel); err != nil {
			return err
		}
	}
	return nil
}
