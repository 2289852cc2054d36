-- The opening balance was there before whatever moved it: until now, a cycle that had ended before its account was created was booked first.

UPDATE ledger_entry SET at = (SELECT min(other.at) FROM ledger_entry AS other WHERE other.account_id = ledger_entry.account_id)
WHERE kind = 'opening' AND entry_id = (SELECT min(other.entry_id) FROM ledger_entry AS other WHERE other.account_id = ledger_entry.account_id);
