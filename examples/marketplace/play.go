package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
	"github.com/seed-a6e4e5a4/imbot/portals"
)

// play goes through the steps. Each ends when the vendor has done all of its work.
func (s *stage) play(ctx context.Context) error {
	for i, step := range []struct {
		what string
		do   func(context.Context) error
	}{
		{"The application is installed", s.install},
		{"People write to the bot on all portals at the same time", s.talk},
		{"The bot leaves group chats on all portals", s.leave},
		{"A token ends", s.renew},
		{"A portal is renamed", s.rename},
		{"The application is removed from a portal", s.remove},
	} {
		fmt.Fprintf(s.out, "\n%d. %s\n", i+1, step.what)
		if err := errors.Join(step.do(ctx), s.await(ctx)); err != nil {
			return err
		}
	}
	return nil
}

// say prints what happened in a step.
func (s *stage) say(format string, args ...any) {
	fmt.Fprintf(s.out, "   "+format+"\n", args...)
}

// install has two portals post the installation, and one open the page of the installer in a frame.
func (s *stage) install(ctx context.Context) error {
	for _, c := range s.companies[:2] {
		c.InstallApp(imbottest.App)
		s.say("%s has posted the event ONAPPINSTALL.", c.name)
	}
	last := s.companies[2]
	request := httptest.NewRequestWithContext(ctx, http.MethodPost, "https://bot.example/install", strings.NewReader(last.Frame(imbottest.App).Encode()))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	page := httptest.NewRecorder()
	s.ServeHTTP(page, request)
	if page.Code != http.StatusOK {
		return fmt.Errorf("the page of the installer: HTTP %d: %s", page.Code, page.Body)
	}
	s.frames++
	s.say("%s has opened the page of the installer in a frame.", last.name)
	if err := s.await(ctx); err != nil {
		return err
	}
	for _, c := range s.companies {
		client, err := s.one().registry.Client(ctx, c.memberID)
		if err != nil {
			return err
		}
		bots, err := imbotv2.New(client).Bot.List(ctx, imbotv2.BotListRequest{})
		if err != nil {
			return err
		}
		if len(bots.Result.Bots) != 1 {
			return fmt.Errorf("%s has %d bots", c.name, len(bots.Result.Bots))
		}
		c.bot = bots.Result.Bots[0].ID
		c.dialog = c.PrivateChat(c.bot, ann)
		s.say("The OAuth server has confirmed %s, and the bot is number %d there.", c.name, c.bot)
	}
	return nil
}

// messages is how many somebody writes on each portal. With what else is called there, they are fewer than a portal takes
// at once, so that nothing has to wait for its turn.
const messages = 12

func (s *stage) talk(ctx context.Context) error {
	half := new(sync.WaitGroup)
	half.Add(len(s.companies))
	var all sync.WaitGroup
	for _, c := range s.companies {
		all.Go(func() {
			for i := range messages {
				c.write(fmt.Sprintf("message %d", i+1))
				if i == messages/2 {
					half.Done()
				}
			}
			c.write("/help")
		})
	}
	half.Wait()
	var err error
	if len(s.running) > 1 {
		err = s.update(ctx)
		s.say("Meanwhile a replica has ended, as in an update. The others have its portals now.")
	}
	all.Wait()
	if err := errors.Join(err, s.await(ctx)); err != nil {
		return err
	}
	for _, c := range s.companies {
		s.say("%s: %d messages and a command, %d answers.", c.name, messages, c.answers())
	}
	return nil
}

func (s *stage) leave(ctx context.Context) error {
	for _, c := range s.companies {
		var requests []imbot.ChatLeaveRequest
		for i := range chatsToLeave {
			id := firstChat + imbot.ChatID(i)
			c.AddChat(imbottest.Chat{ID: id, Owner: ann, Members: []imbot.UserID{ann, imbot.UserID(c.bot)}})
			requests = append(requests, imbot.ChatLeaveRequest{ChatID: id, BotID: c.bot})
		}
		if err := s.one().queue.PutLeave(ctx, c.memberID, requests...); err != nil {
			return err
		}
	}
	err := s.until(ctx, func() string {
		for _, c := range s.companies {
			if n := c.stillIn(); n > 0 {
				return fmt.Sprintf("the bot is in %d chats of %s", n, c.name)
			}
		}
		return ""
	})
	if err != nil {
		return err
	}
	for _, c := range s.companies {
		s.say("%s: the bot was in %d group chats, and is in %d. Requests: %d.", c.name, chatsToLeave, c.stillIn(), c.CallCount("batch"))
	}
	return nil
}

// installation returns what is stored of a portal.
func (s *stage) installation(ctx context.Context, c *company) (portals.Installation, error) {
	return s.one().installations.Load(ctx, c.memberID)
}

func (s *stage) renew(ctx context.Context) error {
	c := s.companies[0]
	before, err := s.installation(ctx, c)
	if err != nil {
		return err
	}
	c.Expire(before.Token.AccessToken)
	for range 3 {
		c.write("still there?")
	}
	if err := s.await(ctx); err != nil {
		return err
	}
	after, err := s.installation(ctx, c)
	if err != nil {
		return err
	}
	if after.Token.RefreshToken == before.Token.RefreshToken {
		return fmt.Errorf("%s has the old tokens", c.name)
	}
	s.say("%s: three messages were answered. Requests for new tokens: %d.", c.name, len(c.TokenCalls()))
	return nil
}

func (s *stage) rename(ctx context.Context) error {
	c := s.companies[1]
	c.Rename("example-20.bitrix24.com")
	c.write("we have a new name")
	if err := s.await(ctx); err != nil {
		return err
	}
	s.say("%s: the message was answered at the new address, by the redirect of the old one.", c.name)
	stored, err := s.installation(ctx, c)
	if err != nil {
		return err
	}
	c.Expire(stored.Token.AccessToken)
	c.write("and still that")
	if err := s.await(ctx); err != nil {
		return err
	}
	stored, err = s.installation(ctx, c)
	if err != nil {
		return err
	}
	s.say("%s: since the next renewal of its tokens, %s is stored.", c.name, stored.ClientEndpoint)
	return nil
}

func (s *stage) remove(ctx context.Context) error {
	c := s.companies[2]
	if err := s.laterThanInstalled(ctx, c); err != nil {
		return err
	}
	c.UninstallApp(imbottest.App)
	if err := s.await(ctx); err != nil {
		return err
	}
	installed := 0
	for _, err := range s.one().installations.List(ctx) {
		if err != nil {
			return err
		}
		installed++
	}
	if _, err := s.installation(ctx, c); !errors.Is(err, portals.ErrNotInstalled) {
		return errors.Join(fmt.Errorf("%s is still there", c.name), err)
	}
	s.say("%s has posted ONAPPUNINSTALL. Its tokens are deleted; %d portals are left.", c.name, installed)
	return nil
}

// laterThanInstalled waits for the second after that of the installation. Portals tell time in seconds, and of a removal
// in the same second nobody can say that it came after.
func (s *stage) laterThanInstalled(ctx context.Context, c *company) error {
	stored, err := s.installation(ctx, c)
	if err != nil {
		return err
	}
	timer := time.NewTimer(time.Until(stored.InstalledAt.Truncate(time.Second).Add(time.Second)))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
