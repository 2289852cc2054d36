/** Options of `replay`. */
export interface ReplayOptions {
  /** Whether the delays of faults take their time; `false` by default. */
  readonly realTime?: boolean
  /**
   * URL of a server to replay against, instead of in a world of its own. An emulator gets the case's start as its world; its undo brings back
   * what it had. Any other server is sent the requests alone.
   */
  readonly against?: string
  /** With `against`: the token that the emulator was started with (`--admin-token`). */
  readonly adminToken?: string
  /** With `against`: tokens of a server that is no emulator, by the names of the accounts that the case has in `token-of-NAME`. */
  readonly tokens?: Readonly<Record<string, string>>
  /** With `against`: milliseconds that an answer may take; 60 000 by default. The replay ends at the first that does not come. */
  readonly timeout?: number
}
