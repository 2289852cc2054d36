import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/** The SQLite driver for this Node.js, as in src/store/sqlite.ts. */
export const Database = require(Number(process.versions.napi) >= 10 ? 'better-sqlite3' : 'better-sqlite3-12')
