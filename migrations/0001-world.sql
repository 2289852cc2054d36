-- Money is in mills (1/1000 USD), an instant in milliseconds since 1970-01-01T00:00:00Z.

CREATE TABLE world (
  world_id INTEGER PRIMARY KEY CHECK (world_id = 1),
  starts   INTEGER NOT NULL,  -- how often an emulator has started on this database: the first part of a request's id
  clock    TEXT NOT NULL,     -- JSON
  settings TEXT NOT NULL,     -- JSON: what was chosen otherwise than the defaults
  scenario TEXT NOT NULL DEFAULT '{}'  -- JSON: what a reset goes back to
) STRICT;

CREATE TABLE plan (
  plan_id     INTEGER PRIMARY KEY,
  name        TEXT NOT NULL,
  service     INTEGER CHECK (service IN (1, 2)),
  price_mills INTEGER CHECK (price_mills >= 0),
  cycle       TEXT CHECK (cycle IN ('month', 'year')),
  CHECK ((price_mills IS NULL) = (cycle IS NULL) AND (price_mills IS NULL) = (service IS NULL))
) STRICT;

CREATE TABLE account (
  account_id    INTEGER PRIMARY KEY,
  name          TEXT NOT NULL UNIQUE,
  token         TEXT NOT NULL UNIQUE,
  balance_mills INTEGER NOT NULL CHECK (balance_mills >= 0),
  clock         TEXT,           -- JSON; NULL: the world's
  settings      TEXT NOT NULL,  -- JSON: what was chosen otherwise than the world
  origin        TEXT NOT NULL,  -- JSON: the account as it was made, which its reset goes back to
  expires_at    INTEGER         -- when it goes by itself: the machine's time; NULL: never
) STRICT;

CREATE INDEX account_by_expiry ON account (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE project (
  account_id   INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
  project_id   INTEGER NOT NULL,
  project_name TEXT NOT NULL,
  status       TEXT NOT NULL CHECK (status IN ('Active', 'Expired', 'Delete')),
  PRIMARY KEY (account_id, project_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE subscription (
  account_id      INTEGER NOT NULL,
  project_id      INTEGER NOT NULL,
  service         INTEGER NOT NULL CHECK (service IN (1, 2)),
  plan_id         INTEGER NOT NULL REFERENCES plan,
  next_billing_at INTEGER,
  PRIMARY KEY (account_id, project_id, service),
  FOREIGN KEY (account_id, project_id) REFERENCES project ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger_entry (
  entry_id      INTEGER PRIMARY KEY,
  account_id    INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
  at            INTEGER NOT NULL,
  kind          TEXT NOT NULL,
  amount_mills  INTEGER NOT NULL,
  balance_mills INTEGER NOT NULL CHECK (balance_mills >= 0),  -- after this entry
  project_id    INTEGER,
  plan_id       INTEGER,
  request_id    TEXT
) STRICT;

CREATE INDEX ledger_entry_of_account ON ledger_entry (account_id, entry_id);
