-- The tables of package sqlstore. They have secrets: protect them, and backups of them.

CREATE TABLE IF NOT EXISTS imbot_installations (
	member_id  text COLLATE "C" PRIMARY KEY,
	data       json NOT NULL,                -- the installation, with its secrets
	writer     text NOT NULL,                -- the update that wrote it
	installed  boolean NOT NULL DEFAULT false,
	domain     text COLLATE "C",             -- the host of the portal, where the application is installed
	updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX IF NOT EXISTS imbot_installations_domain ON imbot_installations (domain) WHERE domain IS NOT NULL;

CREATE TABLE IF NOT EXISTS imbot_tokens (
	key        text COLLATE "C" PRIMARY KEY,
	data       json NOT NULL,                -- the token, with both secrets
	writer     text NOT NULL,                -- the update that wrote it
	updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS imbot_offsets (
	portal     text COLLATE "C" NOT NULL,
	bot_id     bigint NOT NULL,
	data       json NOT NULL,                -- how far the events of the bot are done
	updated_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (portal, bot_id)
);
