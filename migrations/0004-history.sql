-- The opening balance was there before whatever moved it: until now, a cycle that had ended before its account was created was booked first.

UPDATE ledger_entry SET at = (SELECT min(other.at) FROM ledger_entry AS other WHERE other.account_id = ledger_entry.account_id)
WHERE kind = 'opening' AND entry_id = (SELECT min(other.entry_id) FROM ledger_entry AS other WHERE other.account_id = ledger_entry.account_id);

-- What time brought to an account, and how its clock was moved. NULL: the world, whose clock accounts share.

CREATE TABLE history_event (
  event_id   INTEGER PRIMARY KEY,
  account_id INTEGER REFERENCES account ON DELETE CASCADE,
  at         INTEGER NOT NULL,
  event      TEXT NOT NULL CHECK (event IN ('renewed', 'expired', 'lapsed', 'deleted', 'clock-moved', 'world-clock-moved')),
  details    TEXT NOT NULL  -- JSON
) STRICT;

CREATE INDEX history_event_of_account ON history_event (account_id, event_id);
