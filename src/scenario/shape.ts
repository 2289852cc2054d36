/** Lists of an account that may be long. */
export const ACCOUNT_SHAPE = { projects: [], ledger: [], history: [] } as const

/** Lists of a scenario that may be long. */
export const SCENARIO_SHAPE = { accounts: [ACCOUNT_SHAPE], requests: [], history: [] } as const
