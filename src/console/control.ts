/** What the control API refused, or why it could not be asked. */
export class ControlError extends Error {
  constructor (readonly status: number, message: string, readonly issues: readonly Issue[] = [], readonly advice?: string) {
    super(message)
  }
}

export interface Issue { readonly pointer: string, readonly found: string, readonly expected: string }

const TOKEN = 'picky-emulator-admin-token'

/** What the emulator takes as its token: anything else can't be it, and could not be sent. */
const SENDABLE = /^[!-~]([ -~]*[!-~])?$/

/** Keeps the bearer token that the control API wants, for this tab alone. */
export function keepAdminToken (token: string): void {
  sessionStorage.setItem(TOKEN, SENDABLE.test(token) ? token : '-')
}

export function forgetAdminToken (): void {
  sessionStorage.removeItem(TOKEN)
}

function authorization (): Record<string, string> {
  const token = sessionStorage.getItem(TOKEN)
  return token === null ? {} : { authorization: `Bearer ${token}` }
}

/** Calls the control API. Throws a `ControlError` with what it says is wrong; its status is 0 where no emulator answers. */
export async function call<T> (method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(`/__admin${path}`, {
    method,
    headers: { ...authorization(), ...body !== undefined && { 'content-type': 'application/json' } },
    ...body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }
  }).catch(unreachable)
  const text = await response.text().catch(unreachable)
  if (!response.ok) throw refusalOf(response.status, text)
  return (text === '' ? undefined : valueOf(response.status, text)) as T
}

function unreachable (): never {
  throw new ControlError(0, 'the emulator can\'t be reached')
}

function valueOf (status: number, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ControlError(status, `what answers here with HTTP ${status} is no emulator`)
  }
}

function refusalOf (status: number, text: string): ControlError {
  const { detail, errors, advice } = Object(valueOf(status, text)) as { detail?: string, errors?: Issue[], advice?: string }
  return new ControlError(status, detail ?? `the emulator answered with HTTP ${status}`, errors, advice)
}

export interface News { readonly event: string, readonly account: string | null, readonly data: unknown }

/** How long nothing at all may come before the connection is taken for dead, in milliseconds: a line comes every fifteen seconds. */
const MAX_SILENCE = 40_000

/**
 * Listens to what happens until the connection ends, then throws why. `fetch` and not `EventSource`, which could not send
 * the token.
 */
export async function listen (signal: AbortSignal, opened: () => void, heard: (news: News) => void): Promise<never> {
  const silence = new AbortController()
  let timer = 0
  const listening = (): void => {
    clearTimeout(timer)
    timer = setTimeout(() => silence.abort(), MAX_SILENCE)
  }
  try {
    const response = await fetch('/__admin/events', { headers: authorization(), signal: AbortSignal.any([signal, silence.signal]) }).catch(unreachable)
    if (!response.ok) throw refusalOf(response.status, await response.text().catch(unreachable))
    opened()
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
    let waiting = ''
    for (;;) {
      listening()
      const { done, value } = await reader.read().catch(unreachable)
      if (done) return unreachable()
      const parts = (waiting + value).split('\n\n')
      waiting = parts.pop()!
      for (const part of parts) {
        const event = /^event: (.*)$/m.exec(part)?.[1]
        const data = /^data: (.*)$/m.exec(part)?.[1]
        if (event !== undefined && data !== undefined) heard({ event, ...JSON.parse(data) as { account: string | null, data: unknown } })
      }
    }
  } finally {
    clearTimeout(timer)
  }
}
