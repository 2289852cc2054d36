import { sqlite } from '../../src/store/sqlite.js'

/** The SQLite driver that the emulator uses under this Node.js, to look into its files. */
export const Database = sqlite()
