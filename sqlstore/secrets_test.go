package sqlstore_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/imbotv2"
	"github.com/seed-a6e4e5a4/imbot/internal/secrettest"
	"github.com/seed-a6e4e5a4/imbot/internal/storetest"
	"github.com/seed-a6e4e5a4/imbot/oauth"
	"github.com/seed-a6e4e5a4/imbot/portals"
	"github.com/seed-a6e4e5a4/imbot/sqlstore"
)

const (
	secretAccess      = "EXAMPLEaccessSECRET93ab"
	secretRefresh     = "EXAMPLErefreshSECRET7c1f"
	secretApplication = "EXAMPLEapplicationSECRET2b08"
	secretPassword    = "EXAMPLEpasswordSECRET55de"
)

var secrets = secrettest.Secrets{secretAccess, secretRefresh, secretApplication, secretPassword}

var secretToken = oauth.Token{AccessToken: secretAccess, RefreshToken: secretRefresh, MemberID: "m1"}

func secretInstallation() portals.Installation {
	i := storetest.Full(storetest.Member(1))
	i.ApplicationToken, i.Token = secretApplication, secretToken
	return i
}

// assertShowsNoSecret prints a value in every way that a program may print it.
func assertShowsNoSecret(t testing.TB, value any, where string) {
	t.Helper()
	secrets.NotPrinted(t, value, where)
	secrets.NotReached(t, value, where)
	secrets.NotEncoded(t, value, where)
}

func TestSecrets_noValueShowsOne(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	tokens, installations := sqlstore.NewTokens(p.open(t), "k"), sqlstore.NewInstallations(p.open(t))
	_, err := tokens.Update(t.Context(), func(oauth.Token) (oauth.Token, error) { return secretToken, nil })
	require.NoError(t, err)
	storetest.Put(t, installations, secretInstallation())
	show := func(where string) {
		for name, value := range map[string]any{
			"Tokens": tokens, "Tokens by value": *tokens, "Installations": installations, "Installations by value": *installations, "Offsets": sqlstore.NewOffsets(p.open(t)),
			"Option": sqlstore.WithSchema("s"), "ErrOvertaken": sqlstore.ErrOvertaken,
		} {
			assertShowsNoSecret(t, value, name+where)
		}
	}
	show("")
	_, err = tokens.Update(t.Context(), func(current oauth.Token) (oauth.Token, error) {
		assert.Equal(t, secretToken, current)
		show(" while it works")
		return current, nil
	})
	require.NoError(t, err)
}

// The database and its driver repeat what a statement or a row has: in messages, details and contexts. Here a trigger, a
// constraint and a row that is in the way make them do so.
func TestSecrets_noErrorShowsOne(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ statement, state string }{
		"a trigger that quotes the row": {
			`CREATE FUNCTION quote() RETURNS trigger LANGUAGE plpgsql AS $$
				BEGIN
					IF NEW.writer <> '' THEN RAISE EXCEPTION 'no: %', NEW.data USING DETAIL = NEW.data::text, HINT = NEW.data::text; END IF;
					RETURN NEW;
				END $$;
			CREATE TRIGGER quote BEFORE UPDATE ON imbot_tokens FOR EACH ROW EXECUTE FUNCTION quote();
			CREATE TRIGGER quote BEFORE UPDATE ON imbot_installations FOR EACH ROW EXECUTE FUNCTION quote()`, "P0001",
		},
		"one that does so at the commit": {
			`CREATE FUNCTION quote() RETURNS trigger LANGUAGE plpgsql AS $$
				BEGIN
					IF NEW.writer <> '' THEN RAISE EXCEPTION 'no: %', NEW.data; END IF;
					RETURN NEW;
				END $$;
			CREATE CONSTRAINT TRIGGER quote AFTER UPDATE ON imbot_tokens DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION quote();
			CREATE CONSTRAINT TRIGGER quote AFTER UPDATE ON imbot_installations DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION quote()`,
			"P0001",
		},
		"a check that the row fails": {
			`ALTER TABLE imbot_tokens ADD CHECK (writer = ''); ALTER TABLE imbot_installations ADD CHECK (writer = '')`, "23514",
		},
		"a state of the trigger's own": {
			`CREATE FUNCTION quote() RETURNS trigger LANGUAGE plpgsql AS $$
				BEGIN
					IF NEW.writer <> '' THEN RAISE EXCEPTION 'no: %', NEW.data USING ERRCODE = 'XX9ZZ'; END IF;
					RETURN NEW;
				END $$;
			CREATE TRIGGER quote BEFORE UPDATE ON imbot_tokens FOR EACH ROW EXECUTE FUNCTION quote();
			CREATE TRIGGER quote BEFORE UPDATE ON imbot_installations FOR EACH ROW EXECUTE FUNCTION quote()`, "XX9ZZ",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			db := p.open(t)
			_, err := db.ExecContext(t.Context(), test.statement)
			require.NoError(t, err)
			tokens, installations := sqlstore.NewTokens(db, "k"), sqlstore.NewInstallations(db)

			token, tokenErr := tokens.Update(t.Context(), func(oauth.Token) (oauth.Token, error) { return secretToken, nil })
			installation, installationErr := installations.Update(t.Context(), storetest.Member(1), becomes(secretInstallation()))

			assert.Equal(t, secretToken, token, "what change made is not kept from the caller")
			assert.Equal(t, secretInstallation(), installation)
			require.EqualError(t, tokenErr, "sqlstore: saving the token: the database answers "+test.state)
			require.EqualError(t, installationErr, "sqlstore: saving the installation: the database answers "+test.state)
			for _, err := range []error{tokenErr, installationErr} {
				secrets.NotInError(t, err, name)
				var state interface{ SQLState() string }
				require.ErrorAs(t, err, &state)
				assert.Equal(t, test.state, state.SQLState())
				assert.NotErrorIs(t, err, sqlstore.ErrUncertain, "it is known that it was not saved")
			}
			_, err = tokens.Load(t.Context())
			require.ErrorIs(t, err, oauth.ErrNoToken)
			_, err = installations.Load(t.Context(), storetest.Member(1))
			require.ErrorIs(t, err, portals.ErrNotInstalled)
		})
	}
}

// A row that holds something else is not quoted either, nor is the password of the pool.
func TestSecrets_noOtherErrorShowsOne(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	db := p.open(t)
	for _, statement := range []string{
		`INSERT INTO imbot_tokens (key, data, writer) VALUES ('k', '["` + secretAccess + `"]', 'x')`,
		`INSERT INTO imbot_installations (member_id, data, writer, installed, domain) VALUES ('` + storetest.Member(1) +
			`', '{"member_id":"` + secretAccess + `"}', 'x', true, 'portal.example')`,
		`INSERT INTO imbot_offsets (portal, bot_id, data) VALUES ('p', 7, '"x"')`,
	} {
		_, err := db.ExecContext(t.Context(), statement)
		require.NoError(t, err)
	}
	tokens, installations := sqlstore.NewTokens(db, "k"), sqlstore.NewInstallations(db)
	_, err := tokens.Load(t.Context())
	require.ErrorIs(t, err, oauth.ErrDamaged)
	secrets.NotInError(t, err, "a damaged token")
	_, err = tokens.Update(t.Context(), func(oauth.Token) (oauth.Token, error) { return secretToken, nil })
	require.ErrorIs(t, err, oauth.ErrDamaged)
	secrets.NotInError(t, err, "a damaged token")
	_, err = installations.Load(t.Context(), storetest.Member(1))
	require.ErrorIs(t, err, portals.ErrDamaged)
	secrets.NotInError(t, err, "a damaged installation")
	_, err = installations.Update(t.Context(), storetest.Member(1), becomes(secretInstallation()))
	require.ErrorIs(t, err, portals.ErrDamaged)
	for _, err := range installations.Find(t.Context(), "portal.example") {
		require.ErrorIs(t, err, portals.ErrDamaged)
		secrets.NotInError(t, err, "a damaged installation")
	}
	_, err = sqlstore.NewOffsets(db).Load(t.Context(), offsetKey)
	require.Error(t, err)
	require.NoError(t, installations.Delete(t.Context(), storetest.Member(1)), "to forget it is the way out")

	absent := open(t, dsn("127.0.0.1:1", ""))
	_, err = sqlstore.NewTokens(absent, "k").Load(t.Context())
	require.EqualError(t, err, "sqlstore: loading the token: dial tcp 127.0.0.1:1: connect: connection refused")
	secrets.NotInError(t, err, "no database")
	_, err = sqlstore.NewTokens(absent, "k").Update(t.Context(), func(oauth.Token) (oauth.Token, error) {
		t.Error("change was called")
		return oauth.Token{}, nil
	})
	require.EqualError(t, err, "sqlstore: locking the token: dial tcp 127.0.0.1:1: connect: connection refused")
	require.Error(t, sqlstore.Migrate(t.Context(), absent))
	require.Error(t, sqlstore.NewOffsets(absent).Save(t.Context(), offsetKey, imbotv2.Offset{}))
}
