package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
	"github.com/seed-a6e4e5a4/imbot/internal/version"
)

// webhookPath is the part of a webhook's URL that has its secret.
var webhookPath = regexp.MustCompile(`(?i)(^|/)rest/+\d+/+[a-z0-9]{6,}`)

var errSecretArgument = usagef("an argument looks like the URL of a webhook, which is a secret: other users of this machine can read command lines, and shells keep them. Put it into BITRIX24_WEBHOOK_URL or into a file for --secrets, and replace the webhook if the machine has other users")

// hasWebhook tells whether an argument looks like the URL of a webhook.
func hasWebhook(args []string) bool { return slices.ContainsFunc(args, webhookPath.MatchString) }

// secretNames are the settings that are read from a file of secrets.
var secretNames = []string{"BITRIX24_WEBHOOK_URL", "BITRIX24_CLIENT_ID", "BITRIX24_BOT_TOKEN", "BITRIX24_ENDPOINT", "BITRIX24_TOKEN"}

// access is how a command reaches the portal.
type access struct {
	Secrets    string `help:"File of credentials: lines such as BITRIX24_WEBHOOK_URL=https://…, and comments after a #. What the environment has comes first." placeholder:"FILE"`
	Enterprise bool   `help:"The portal has the Enterprise plan, and takes 5 requests a second instead of 2."`
}

// asBot is how a command acts as a bot.
type asBot struct {
	Bot int64 `help:"The bot, or BITRIX24_BOT_ID." placeholder:"ID"`
}

// id returns the bot: that of the flag or of the environment, or else that of the file of secrets. The error is a
// *usageError.
func (a *asBot) id(found credentials) (imbot.BotID, error) {
	switch {
	case a.Bot < 0:
		return 0, usagef("--bot has to be positive")
	case a.Bot > 0:
	case found.bot == "":
		return 0, usagef("which bot? Name it by --bot or BITRIX24_BOT_ID; imbot bots lists them")
	default:
		id, err := strconv.ParseInt(found.bot, 10, 64)
		if err != nil || id <= 0 {
			return 0, usagef("BITRIX24_BOT_ID has to be a positive number")
		}
		a.Bot = id
	}
	return imbot.BotID(a.Bot), nil
}

// credentials are what a client is made of.
type credentials struct {
	auth     imbot.Auth
	address  string // of the portal; it has the secret of a webhook
	clientID string
	webhook  bool
	bot      string // its number, which a flag may have instead
}

// secrets adds the settings of the file to those of the environment. Somebody may still have to write them, so this waits
// until an interrupt. The error is a *usageError, or errNothingSent.
func (a access) secrets(ctx context.Context, p *process) error {
	if a.Secrets == "" {
		return nil
	}
	type result struct {
		env getenv
		err error
	}
	came, env := make(chan result, 1), p.getenv
	go func() {
		env, err := a.readSecrets(env)
		came <- result{env, err}
	}()
	select {
	case read := <-came:
		if read.err == nil {
			p.getenv = read.env
		}
		return read.err
	case <-p.interrupts:
	case <-ctx.Done():
	}
	return errNothingSent
}

// readSecrets returns the settings of the environment, with those of the file where the environment has none.
func (a access) readSecrets(env getenv) (getenv, error) {
	file, err := os.Open(a.Secrets)
	if err != nil {
		return nil, noFile("--secrets", err)
	}
	defer func() { _ = file.Close() }()
	if info, err := file.Stat(); err == nil && info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows" {
		return nil, usagef("--secrets: other users of this machine can read the file; chmod 600 makes it yours alone")
	}
	found := map[string]string{}
	lines := bufio.NewScanner(file)
	for number := 1; lines.Scan(); number++ {
		line := strings.TrimSpace(strings.TrimPrefix(lines.Text(), byteOrderMark))
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, isSetting := strings.Cut(strings.TrimPrefix(line, "export "), "=")
		name = strings.TrimSpace(name)
		if !isSetting || !slices.Contains(append(secretNames, "BITRIX24_BOT_ID"), name) {
			return nil, usagef("--secrets: line %d does not begin with BITRIX24_WEBHOOK_URL=, BITRIX24_CLIENT_ID=, BITRIX24_BOT_TOKEN=, BITRIX24_ENDPOINT=, BITRIX24_TOKEN= or BITRIX24_BOT_ID=", number)
		}
		found[name] = strings.Trim(strings.TrimSpace(value), `"'`)
	}
	if err := lines.Err(); err != nil {
		return nil, usagef("--secrets: the file cannot be read")
	}
	return func(name string) string { return cmp.Or(env(name), found[name]) }, nil
}

// noFile says why a file could not be opened, and not what was taken for its name.
func noFile(flag string, err error) error {
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		err = failed.Err
	}
	return usagef("%s: %v", flag, err)
}

// readCredentials takes the credentials from the settings. A webhook needs the CLIENT_ID of the bot that a command acts
// as.
func readCredentials(env getenv, actsAsBot bool) (credentials, error) {
	webhook, clientID, botToken := env("BITRIX24_WEBHOOK_URL"), env("BITRIX24_CLIENT_ID"), env("BITRIX24_BOT_TOKEN")
	endpoint, token, bot := env("BITRIX24_ENDPOINT"), env("BITRIX24_TOKEN"), env("BITRIX24_BOT_ID")
	if clientID != "" && botToken != "" && clientID != botToken {
		return credentials{}, usagef("BITRIX24_CLIENT_ID and BITRIX24_BOT_TOKEN are two names of one thing, and differ; which is it to be?")
	}
	clientID = cmp.Or(clientID, botToken)
	switch {
	case webhook != "" && token != "":
		return credentials{}, usagef("there are a BITRIX24_WEBHOOK_URL and a BITRIX24_TOKEN; which is it to be?")
	case webhook != "" && endpoint != "":
		return credentials{}, usagef("there are a BITRIX24_WEBHOOK_URL and a BITRIX24_ENDPOINT; which is it to be?")
	case webhook != "" && clientID == "" && actsAsBot:
		return credentials{}, usagef("BITRIX24_CLIENT_ID is not set: a webhook needs the CLIENT_ID that the bot was registered with, which imbot.v2 calls botToken")
	case webhook != "":
		return credentials{imbot.Webhook(webhook), webhook, clientID, true, bot}, nil
	case token != "" && endpoint == "":
		return credentials{}, usagef("BITRIX24_ENDPOINT is not set: BITRIX24_TOKEN alone does not tell the portal")
	case token != "":
		return credentials{imbot.OAuth(endpoint, imbot.StaticToken(token)), endpoint, clientID, false, bot}, nil
	case endpoint != "":
		return credentials{}, usagef("BITRIX24_TOKEN is not set: BITRIX24_ENDPOINT needs one")
	case clientID != "":
		return credentials{}, usagef("BITRIX24_WEBHOOK_URL is not set: BITRIX24_CLIENT_ID needs one")
	default:
		return credentials{}, errNoCredentials
	}
}

var errNoCredentials = usagef("there are no credentials: set BITRIX24_WEBHOOK_URL and BITRIX24_CLIENT_ID, or BITRIX24_ENDPOINT and BITRIX24_TOKEN, in the environment or in a file for --secrets")

// client makes the client for the portal that the settings name. The error is a *usageError.
func (a access) client(p *process, actsAsBot bool) (*imbot.Client, credentials, error) {
	found, err := readCredentials(p.getenv, actsAsBot)
	if err != nil {
		return nil, credentials{}, err
	}
	plan := imbot.PlanStandard
	if a.Enterprise {
		plan = imbot.PlanEnterprise
	}
	opts := []imbot.Option{imbot.WithLimiter(imbot.NewLimiter(plan)), imbot.WithUserAgent("imbot-" + p.command + "/" + version.Version), imbot.WithObserver(p.attempted)}
	if found.clientID != "" {
		opts = append(opts, imbot.WithClientID(found.clientID))
	}
	client, err := imbot.NewClient(found.auth, opts...)
	if err != nil {
		return nil, credentials{}, usagef("%v", err)
	}
	return client, found, nil
}

// attempted tells whoever waits why: a call may be repeated minutes later. The progress of bulk tells by itself.
func (p *process) attempted(_ context.Context, a imbot.Attempt) {
	if errors.Is(a.Err, imbot.ErrQueryLimitExceeded) {
		p.throttled.Store(time.Now().UnixNano())
	}
	switch {
	case p.command == "bulk":
	case errors.Is(a.Err, imbot.ErrOperationTimeLimit):
		say(p.err, "The portal has spent its time for "+a.Method+". This waits until it takes more, if --timeout allows.")
	case errors.Is(a.Err, imbot.ErrQueryLimitExceeded):
		say(p.err, "The portal gets too many requests from here. This waits and asks again.")
	}
}

// actor makes the client, and returns the bot that a command acts as. The error is a *usageError.
func (a access) actor(p *process, as *asBot, withClientID bool) (*imbot.Client, imbot.BotID, error) {
	client, found, err := a.client(p, withClientID)
	if err != nil {
		return nil, 0, err
	}
	id, err := as.id(found)
	return client, id, err
}

// bot makes the bot of imbot.v2 that a command acts as.
func (a access) bot(p *process, as *asBot) (*imbotv2.Bot, error) {
	client, id, err := a.actor(p, as, true)
	if err != nil {
		return nil, err
	}
	return imbotv2.New(client).As(imbotv2.Identity{BotID: id}), nil
}

// nameOf is the part of an address without secrets: scheme and host.
func nameOf(address string) string {
	u, err := url.Parse(address)
	if err != nil { // a client was made of it
		return ""
	}
	scheme, host := strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	return scheme + "://" + strings.TrimSuffix(host, map[string]string{"https": ":443", "http": ":80"}[scheme])
}
