package imbot

import "errors"

// YesNo is a boolean as Bitrix24 writes it in requests: "Y" or "N". Optional parameters are pointers to one, made by
// new(imbot.Yes) and new(imbot.No); nil leaves the choice to the portal.
type YesNo bool

// The two of them.
const (
	// Yes is written as "Y".
	Yes YesNo = true
	// No is written as "N".
	No YesNo = false
)

// String returns "Y" or "N".
func (b YesNo) String() string {
	if b {
		return "Y"
	}
	return "N"
}

// MarshalJSON writes "Y" or "N".
func (b YesNo) MarshalJSON() ([]byte, error) { return []byte(`"` + b.String() + `"`), nil }

var errNoYesNo = errors.New(`neither "Y" nor "N"`)

// UnmarshalJSON reads "Y", "N", and what PHP makes of booleans: true, 1, "1", false, 0, "0", "". As encoding/json asks
// for, null changes nothing; anything else is an error.
func (b *YesNo) UnmarshalJSON(data []byte) error {
	switch string(data) {
	case `"Y"`, `"y"`, "true", "1", `"1"`:
		*b = Yes
	case `"N"`, `"n"`, "false", "0", `"0"`, `""`:
		*b = No
	case "null":
	default:
		return errNoYesNo
	}
	return nil
}
