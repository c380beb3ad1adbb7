package imbottest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// TestUnmet holds that what a test has prepared and no call has met fails it at its end, by the name of the method.
func TestUnmet(t *testing.T) {
	t.Parallel()
	lost := imbottest.LoseAfter
	hint := ": the portal has no model of it, is there a slip in the name?"
	tests := []struct {
		name    string
		prepare func(*imbottest.Portal)
		want    []string
	}{
		{"nothing", func(*imbottest.Portal) {}, nil},
		{
			"a slip in the name", func(p *imbottest.Portal) { p.Fault("imbot.Chat.laeve", lost()) },
			[]string{"Fault: 0 of 1 faults for imbot.Chat.laeve were met" + hint},
		},
		{
			"a slip that is reported elsewhere", func(p *imbottest.Portal) {
				p.On("Crm.deal.get", imbottest.Result(1))
				p.Fault("CRM.deal.GET", lost())
			},
			[]string{"Fault: 0 of 1 faults for CRM.deal.GET were met"},
		},
		{"all are met", func(p *imbottest.Portal) { p.Fault(chatLeave, lost()) }, nil},
		{
			"one too many, added later and in other letters", func(p *imbottest.Portal) {
				p.Fault(chatLeave, lost())
				p.Fault("IMBOT.chat.LEAVE", lost(), lost())
			},
			[]string{"Fault: 1 of 3 faults for imbot.chat.leave were met"},
		},
		{"a batch that nobody makes", func(p *imbottest.Portal) { p.Fault("batch", imbottest.HTML(502)) }, []string{"Fault: 0 of 1 faults for batch were met"}},
		{"a dial that nobody makes", func(p *imbottest.Portal) { p.Fault("batch", imbottest.RefuseDial()) }, []string{"Fault: 0 of 1 faults for batch were met"}},
		{"an optional one", func(p *imbottest.Portal) { p.Fault("batch", lost().Optional()) }, nil},
		{"an optional one after one that is met", func(p *imbottest.Portal) { p.Fault(chatLeave, lost(), lost().Optional()) }, nil},
		{"no fault", func(p *imbottest.Portal) { p.Fault(chatLeave, lost(), imbottest.NoFault()) }, nil},
		{
			"several methods", func(p *imbottest.Portal) {
				p.Fault("imbot.chat.set", lost())
				p.Fault("imbot.chat.get", lost())
			},
			[]string{"Fault: 0 of 1 faults for imbot.chat.get were met", "Fault: 0 of 1 faults for imbot.chat.set were met" + hint},
		},
		{"tokens", func(p *imbottest.Portal) { p.FaultTokens(lost(), lost()) }, []string{"FaultTokens: 0 of 2 faults for oauth/token were met"}},
		{"an answer", func(p *imbottest.Portal) { p.On("Imbot.chat.laeve", imbottest.Result(1)) }, []string{"On: there was no call of Imbot.chat.laeve, which the portal has no model of"}},
		{"an answer in the place of the portal's", func(p *imbottest.Portal) { p.On("imbot.bot.list", imbottest.Broken()) }, nil},
		{"an answer that is given", func(p *imbottest.Portal) { p.On(chatLeave, imbottest.Result(1), imbottest.Broken()) }, nil},
		{"an answer of a method that is none for bots", func(p *imbottest.Portal) { p.On("crm.deal.get", imbottest.Result(1)) }, nil},
		{"an optional answer", func(p *imbottest.Portal) {
			p.On("imbot.message.add", imbottest.Result(1), imbottest.Broken().Optional())
		}, nil},
		{
			"an answer that is taken back", func(p *imbottest.Portal) {
				p.On("imbot.message.add", imbottest.Result(1))
				p.On("imbot.message.add")
			},
			nil,
		},
		{"a function that chooses", func(p *imbottest.Portal) { p.FaultFunc(func(imbottest.Call) imbottest.Fault { return lost() }) }, nil},
		{
			"a function without anything to choose for", func(p *imbottest.Portal) {
				p.Fault(chatLeave, lost())
				p.FaultFunc(func(imbottest.Call) imbottest.Fault { return lost() })
			},
			[]string{"FaultFunc: there was no request to choose a fault for"},
		},
		{
			"a function that is taken back", func(p *imbottest.Portal) {
				p.FaultFunc(func(imbottest.Call) imbottest.Fault { return lost() })
				p.FaultFunc(nil)
			},
			nil,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			test := new(recorder)
			portal := imbottest.NewPortal(test)
			tt.prepare(portal)
			_, _ = try(t, portal, leave(botTrue)) // the fault may be that there is no answer

			assert.Equal(t, tt.want, portal.Unmet())
			require.Empty(t, test.errors, "the test is not over")
			test.end()
			var want []string
			for _, sentence := range tt.want {
				want = append(want, "imbottest: "+sentence)
			}
			assert.Equal(t, want, test.errors)
		})
	}
}

// TestUnmet_command holds that a command of a batch meets the faults of its method, and no others.
func TestUnmet_command(t *testing.T) {
	t.Parallel()
	portal := started(t)
	portal.Fault(chatLeave, imbottest.Inside200("INTERNAL", ""), imbottest.SlowAfter(0), imbottest.LoseAfter())
	portal.Fault("imbot.chat.get", imbottest.LoseAfter())
	send(t, portal, batchOf(`{"cmd":["`+leave39+`"]}`))
	assert.Equal(t, []string{
		"Fault: 0 of 1 faults for imbot.chat.get were met",
		"Fault: 1 of 2 faults for imbot.chat.leave were met",
	}, portal.Unmet())
}

// TestUnmet_early holds that a test which ended before its time is told nothing that would hide the reason.
func TestUnmet_early(t *testing.T) {
	t.Parallel()
	for _, test := range []*recorder{{failed: true}, {skipped: true}} {
		portal := imbottest.NewPortal(test)
		portal.Fault(chatLeave, imbottest.LoseAfter())
		test.end()
		assert.Empty(t, test.errors)
		_, err := try(t, portal, leave(botTrue))
		assert.ErrorContains(t, err, "no such host", "it is closed all the same")
	}
}

// TestUnmet_closed holds that a test which closes its portal is told as well.
func TestUnmet_closed(t *testing.T) {
	t.Parallel()
	test := new(recorder)
	portal := imbottest.NewPortal(test)
	portal.Fault(chatLeave, imbottest.LoseAfter())
	portal.Close()
	test.end()
	assert.Len(t, test.errors, 1)
}
