/** Headers that every client sets itself. */
const SET_BY_CLIENT = new RegExp(`^(${[
  'host', 'connection', 'content-length', 'transfer-encoding', 'expect', 'user-agent', 'accept-encoding', 'accept-language',
  'origin', 'referer', 'priority', 'dnt', 'cache-control', 'pragma', 'sec-.*'
].join('|')})$`)

const REDACTED = /^\[redacted(?:-\d+)?\]$/

/** Gives the headers of a recorded request that another client has to be told of. */
export function ownHeaders (headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers)
    .filter(([name, value]) => !SET_BY_CLIENT.test(name) && !REDACTED.test(value) && !(name === 'accept' && value === '*/*')))
}
