import { isDeepStrictEqual } from 'node:util'

/** Answer that a request of a file has got. */
interface Answer {
  readonly headers: Headers
  readonly text: string
}

/**
 * Sends the requests of a file one after the other, as the HTTP clients of editors do, and gives what is not as the comments above them
 * expect.
 */
export async function sendHttpFile (text: string, url: string): Promise<string[]> {
  const [head, ...parts] = text.split(/^### /m)
  const variables = new Map([...head!.matchAll(/^@(\w+) = (.*)$/gm)].map(([, name, value]): [string, string] => [name!, value!]))
  variables.set('url', url)
  const named = new Map<string, Answer>()
  const wrong: string[] = []
  for (const part of parts) {
    const [, says, comments, request] = /^(.*)\n((?:#.*\n)*)([^]*)$/.exec(part)!
    if (request!.trim() === '') continue
    const { status, ...answer } = await send(filledIn(request!)).catch(() => ({ status: 0, headers: new Headers(), text: '' }))
    const name = /^# @name (\w+)$/m.exec(comments!)?.[1]
    if (name !== undefined) named.set(name, answer)
    const expected = [...comments!.matchAll(/^# Expect: (.*)$/gm)].map(([, line]) => line!)
    const isRight = expected.length === 0 ? status > 0 && (status < 300 || says!.startsWith('Remove the account of an earlier run')) : isExpected(expected, status, answer.text)
    if (!isRight) wrong.push(`${says}: ${status} ${answer.text}`)
  }
  return wrong

  function filledIn (text: string): string {
    return text.replace(/\{\{(\w+)(?:\.response\.(headers|body)\.([^}]+))?\}\}/g, (_all, name: string, part: string | undefined, place: string | undefined) => {
      if (part === undefined) return variables.get(name)!
      const answer = named.get(name)!
      if (part === 'headers') return answer.headers.get(place!)!
      const steps = place!.replace(/^\$/, '').match(/[^.[\]']+/g)!
      return String(steps.reduce<unknown>((value, step) => (value as Record<string, unknown>)[step], JSON.parse(answer.text)))
    })
  }
}

async function send (request: string): Promise<Answer & { readonly status: number }> {
  const [, method, url, lines, body] = /^(\S+) (.*)\n((?:[\w-]+: .*\n)*)(?:\n([^]*))?$/.exec(request)!
  const headers = [...lines!.matchAll(/^([\w-]+): (.*)$/gm)].map(([, name, value]): [string, string] => [name!, value!])
  const response = await fetch(url!, { method: method!, headers, ...body !== undefined && body.trim() !== '' && { body: body.trim() } })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

function isExpected (expected: readonly string[], status: number, text: string): boolean {
  const [first] = expected
  if (first === 'no answer') return status === 0
  const found = valueOf(text)
  if (/^\d/.test(first!)) return isDeepStrictEqual([Number(first!.slice(0, 3)), valueOf(first!.slice(4))], [status, found])
  const { ledger, history } = found as Readonly<Record<string, ReadonlyArray<Record<string, unknown>> | undefined>>
  const rows = ledger?.map(({ at, request_id: request, ...entry }) => entry) ?? history?.filter(event => event.project_id !== undefined) ?? [found]
  return status === 200 && isDeepStrictEqual(rows, expected.map(valueOf))
}

function valueOf (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
