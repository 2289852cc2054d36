-- What the emulator assumed about a state, kept with it.

-- The day of the month on which the plan was bought, if a short month made the cycle end on another one.
ALTER TABLE subscription ADD COLUMN anchor_day INTEGER CHECK (anchor_day BETWEEN 1 AND 31);

-- The names of the assumptions that made the balance, the status, and the plan with its end what they are, separated by spaces.
ALTER TABLE account ADD COLUMN balance_rests_on TEXT NOT NULL DEFAULT '';
ALTER TABLE project ADD COLUMN status_rests_on TEXT NOT NULL DEFAULT '';
ALTER TABLE subscription ADD COLUMN rests_on TEXT NOT NULL DEFAULT '';

-- 1: neither the documentation nor the user has named the price.
ALTER TABLE plan ADD COLUMN price_assumed INTEGER NOT NULL DEFAULT 0 CHECK (price_assumed IN (0, 1));

UPDATE plan SET price_assumed = 1 WHERE (plan_id, price_mills) IN
  (VALUES (3, 10000), (4, 15000), (5, 25000), (6, 250000), (7, 29000), (8, 49000), (9, 99000));
