-- What a project says of itself, its tokens, and when something happens to it by itself.

ALTER TABLE project ADD COLUMN details TEXT NOT NULL DEFAULT '{}';  -- JSON

CREATE TABLE api_token (
  account_id INTEGER NOT NULL,
  project_id INTEGER NOT NULL,
  position   INTEGER NOT NULL,  -- in the order in which a project's tokens were made
  token      TEXT NOT NULL UNIQUE,
  ip         TEXT NOT NULL,     -- '': any
  status     TEXT NOT NULL CHECK (status IN ('enabled', 'disabled', 'deleted')),
  PRIMARY KEY (account_id, project_id, position),
  FOREIGN KEY (account_id, project_id) REFERENCES project ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Nothing of the account's projects is due before this instant; NULL: nothing ever is.
ALTER TABLE account ADD COLUMN due_at INTEGER;

UPDATE account SET due_at = (SELECT min(next_billing_at) FROM subscription WHERE subscription.account_id = account.account_id);

CREATE INDEX account_by_due ON account (due_at) WHERE due_at IS NOT NULL;

CREATE INDEX subscription_by_end ON subscription (account_id, next_billing_at) WHERE next_billing_at IS NOT NULL;

-- What a reset goes back to may be large, and a row is written whole whenever a balance or a clock changes: it gets rows of its own.

CREATE TABLE account_origin (
  account_id INTEGER PRIMARY KEY REFERENCES account ON DELETE CASCADE,
  scenario   TEXT NOT NULL  -- JSON: the account as it was made
) STRICT;

INSERT INTO account_origin SELECT account_id, origin FROM account;
ALTER TABLE account DROP COLUMN origin;

CREATE TABLE world_origin (
  world_id INTEGER PRIMARY KEY REFERENCES world ON DELETE CASCADE,
  scenario TEXT NOT NULL  -- JSON: what the world began with
) STRICT;

INSERT INTO world_origin SELECT world_id, scenario FROM world;
ALTER TABLE world DROP COLUMN scenario;
