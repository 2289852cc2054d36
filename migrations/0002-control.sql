-- What POST /__admin/reset goes back to, and POST /__admin/accounts/{account}/reset: JSON, as a scenario has it.
ALTER TABLE world ADD COLUMN scenario TEXT NOT NULL DEFAULT '{}';
ALTER TABLE account ADD COLUMN origin TEXT NOT NULL DEFAULT '{}';

-- When an account that was made for a while goes by itself: the machine's time. NULL: never.
ALTER TABLE account ADD COLUMN expires_at INTEGER;
CREATE INDEX account_by_expiry ON account (expires_at) WHERE expires_at IS NOT NULL;
