import type { Case } from '../../src/contract/case.js'
import { CHANGE_BILLING } from './emulator.js'
import { recordedCase } from './recorded-case.js'

const CLOCK = { mode: 'frozen', at: '2020-06-16T12:00:00Z' } as const
const NAMES = ['demo', 'twin'] as const
const TOKENS = ['first', 'second', 'third'] as const

const account = (name: string, token: string): object =>
  ({ name, token, balance: '100', projects: [{ project_id: 1, subscriptions: [{ service: 1, plan_id: 1 }] }] })

/**
 * Records what happens while accounts are removed, made again, copied, loaded, reset and put back, in an order that a seed decides. Gives
 * the cases of the world and of the accounts, and one that begins with one of the requests.
 */
export async function casesOfChangingTokens (seed: number, length = 16): Promise<Case[]> {
  const pick = pickFrom(seed)
  const saved: Case[] = []
  await recordedCase({ scenario: { clock: CLOCK, accounts: [account('demo', 'first')] } }, null, async ({ request, control }) => {
    const cases: unknown[] = [await control('GET', '/case')]
    const steps: ReadonlyArray<() => Promise<unknown>> = [
      () => request(CHANGE_BILLING, { token: pick(TOKENS), project_id: 1, service: 1, plan_id: pick([1, 2, 3]) }),
      () => request(CHANGE_BILLING, { token: pick(TOKENS), project_id: 1, service: 1, plan_id: pick([1, 2, 3]) }),
      () => control('POST', '/accounts', account(pick(NAMES), pick(TOKENS))),
      () => control('POST', '/accounts', { copy_of: pick(NAMES), name: pick(NAMES), token: pick(TOKENS) }),
      () => control('DELETE', `/accounts/${pick(NAMES)}`),
      () => control('POST', `/accounts/${pick(NAMES)}/reset`),
      () => control('POST', `/accounts/${pick(NAMES)}/faults`, { kind: 'http_error', http_status: 503, times: 1 }),
      () => control('POST', '/reset'),
      () => control('POST', '/undo'),
      () => control('POST', '/undo', { account: pick(NAMES) }),
      () => control('PUT', '/state', { clock: CLOCK, accounts: [account(pick(NAMES), pick(TOKENS))] }),
      async () => cases.push(await control('GET', '/case')),
      () => control('PUT', '/state', pick(cases))
    ]
    // What the world refuses changes nothing.
    for (let step = 0; step < length; step++) await pick(steps)().catch(() => null)
    const { requests } = await control('GET', '/requests') as { requests: ReadonlyArray<{ id: string }> }
    const from = requests.length === 0 ? '' : `?from=${pick(requests).id}`
    for (const query of ['', '?account=demo', '?account=twin', from]) {
      // An account that is not there at the end has none.
      const one = await control('GET', `/case${query}`).catch(() => null) as Case | null
      if (one !== null) saved.push(one)
    }
  })
  return saved
}

/** Picks by a linear congruential generator, so that a seed gives the same every time. */
function pickFrom (seed: number): <Item>(items: readonly Item[]) => Item {
  let state = seed
  return items => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return items[Math.floor(state / 65_536) % items.length]!
  }
}
