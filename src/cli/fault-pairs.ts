import { Problem } from '../problem.js'

/** Fields whose text stays text, even if it looks like a number. */
const TEXTS = new Set(['kind', 'when', 'account', 'endpoint', 'ttl', 'body'])

/**
 * Reads faults as the command line has them: a line or what is between semicolons is one, as pairs `kind=delay,delay=1500,times=1` or,
 * a line of its own, as a JSON object. A delay is in milliseconds, or a range of them such as `100-300`. The options' reader checks
 * the rest.
 */
export function faultsOf (text: string): unknown[] {
  return text.split('\n').flatMap(line => line.trim().startsWith('{') ? [faultOfJson(line)] : line.split(';').map(faultOfPairs))
}

function faultOfJson (line: string): unknown {
  try {
    return JSON.parse(line)
  } catch (error) {
    throw new Problem(`found ${JSON.stringify(line)}, expected JSON or pairs (${(error as Error).message})`)
  }
}

function faultOfPairs (text: string): unknown {
  const fault: Record<string, unknown> = {}
  for (const pair of text.split(',')) {
    const [, name, value] = /^([a-z_]+)\s*=\s*(.*)/s.exec(pair.trim()) ?? []
    if (name === undefined || value === '' || Object.hasOwn(fault, name)) {
      throw new Problem(`found ${JSON.stringify(text)}, expected pairs such as kind=connection_reset,when=after, each name once`)
    }
    fault[name] = name === 'delay' ? delayOf(value!) : !TEXTS.has(name) && isNumber(value!) ? Number(value) : value
  }
  return fault
}

function delayOf (text: string): unknown {
  const range = /^(\d+)-(\d+)$/.exec(text)
  if (range !== null) return { uniform: [Number(range[1]), Number(range[2])] }
  if (isNumber(text)) return { fixed: Number(text) }
  // The options' reader would name the JSON forms, which pairs don't have.
  throw new Problem(`found ${JSON.stringify(`delay=${text}`)}, expected milliseconds such as delay=1500, or a range of them such as delay=100-300`)
}

function isNumber (text: string): boolean {
  return /^\d{1,15}(\.\d{1,15})?$/.test(text)
}
