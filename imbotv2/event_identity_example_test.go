package imbotv2_test

import (
	"encoding/json"
	"fmt"
	"log"

	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// An event that was fetched once more, because nobody confirmed it, is the same.
func ExampleEvent_ID() {
	const page = `[{"eventId":417,"type":"ONIMBOTV2DELETE"},{"eventId":417,"type":"ONIMBOTV2DELETE"},{"eventId":418,"type":"ONIMBOTV2DELETE"}]`
	var events []imbotv2.Event
	if err := json.Unmarshal([]byte(page), &events); err != nil {
		log.Fatal(err)
	}
	fmt.Println(events[0].ID() == events[1].ID(), events[0].ID() == events[2].ID())
	// Output: true false
}
