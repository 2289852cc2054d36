import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import type { Audit, Unmet } from '../contract/control.js'
import type { Account } from '../domain/account.js'
import { auditor, type Violation } from '../domain/audit.js'
import type { Context } from '../runtime/context.js'
import { unmetOf } from '../runtime/unmet.js'
import { bringAllUpToDate } from '../runtime/up-to-date.js'
import { OneOf } from '../scenario/schema.js'
import { openCopy, type Tables } from '../store/index.js'
import { doAtOnce, doInSlices, type Work } from '../time-slices.js'
import { accountNamed } from './find.js'
import { wantedBy } from './json-text.js'
import { forEachScope, ScopeParams } from './scope.js'

const AuditQuery = Type.Object({
  // Whether what was set and never met is a violation.
  strict: Type.Optional(OneOf(['true', 'false']))
}, { additionalProperties: false })

const OwnerOrWorld = Type.Union([Type.String(), Type.Null()], { description: 'the name of the account; null for the world' })

const AuditAnswer = Type.Unsafe<Audit>(Type.Object({
  ok: Type.Boolean(),
  accounts: Type.Integer({ description: 'how many accounts were checked' }),
  violations: Type.Array(Type.Object({ account: OwnerOrWorld, invariant: Type.String(), says: Type.String() })),
  unmet: Type.Array(Type.Object({
    what: OneOf(['fault', 'assumption', 'clock']),
    account: OwnerOrWorld,
    name: Type.String({ description: 'the id of the fault, the name of the open question, or the setting of the clock' }),
    says: Type.String()
  }), { description: 'what was set and never met' })
}))

/** Names of the rules that what was set breaks by not being met, in a strict audit. */
const MET_RULES: { readonly [What in Unmet['what']]: string } = { fault: 'fault-is-met', assumption: 'choice-is-met', clock: 'clock-is-met' }

/** The audit of books, and of what was set for a test. */
export const auditRoutes: FastifyPluginAsyncTypebox<{ context: Context }> = async (app, { context }) => {
  const { store, activeFaults } = context

  forEachScope(context, ({ path, accountOf }) => {
    app.get(`${path}/audit`, {
      config: { asksFaults: path === '' },
      schema: {
        summary: `Check that ${path === '' ? 'all wallets and ledgers are' : 'an account\'s wallet and ledger are'} consistent, and list what was set and never met`,
        params: ScopeParams,
        querystring: AuditQuery,
        response: { 200: AuditAnswer }
      }
    }, async request => {
      const isStrict = request.query.strict === 'true'
      const look = (account: Account | null): readonly Unmet[] => {
        if (account === null) bringAllUpToDate(context)
        return unmetOf(context, account === null ? accountsWithSettings() : [account], account === null)
      }
      const account = accountOf(request.params)
      if (!store.isLarge(account?.accountId)) {
        const unmet = look(account)
        return store.atOneMoment(() => doAtOnce(audited({ account, unmet, tables: store, isStrict })))
      }
      const isWanted = wantedBy(request)
      return await context.inTurn(async () => {
        const account = accountOf(request.params)
        const unmet = look(account)
        // In a copy, books stay as they were at this moment.
        const { tables, close } = openCopy(store)
        return await doInSlices(audited({ account, unmet, tables, isStrict }), isWanted).finally(close)
      }, isWanted)
    })
  })

  /** Lists the accounts that anything was set for: of many, hardly any. */
  function accountsWithSettings (): Account[] {
    const byFaults = activeFaults.list().flatMap(({ active: { fault } }) => store.accounts.findByName(fault.account ?? '') ?? [])
    return [...new Map([...store.accounts.listSet(), ...byFaults].map(account => [account.accountId, account])).values()]
  }
}

/** What an audit looks at. */
interface Audited {
  /** `null` for all accounts. */
  readonly account: Account | null
  readonly unmet: readonly Unmet[]
  readonly tables: Pick<Tables, 'accounts' | 'ledger'>
  readonly isStrict: boolean
}

function * audited ({ account, unmet, tables: { accounts, ledger }, isStrict }: Audited): Work<Audit> {
  const contradictions: Violation[] = []
  let count = 0
  // Read with its entries: since it was looked at, another process may have written both.
  for (const part of account === null ? accounts.listInParts() : [[accountNamed(account.name, { accounts })]]) {
    count += part.length
    for (const { accountId, name, balanceMills } of part) {
      const { add, end } = auditor({ account: name, balanceMills })
      for (const entries of ledger.listInParts(accountId)) {
        entries.forEach(add)
        yield
      }
      for (const violation of end()) contradictions.push(violation)
    }
  }
  const violations = isStrict
    ? [...contradictions, ...unmet.map(({ what, account, says }) => ({ account, invariant: MET_RULES[what], says }))]
    : contradictions
  return { ok: violations.length === 0, accounts: count, violations, unmet }
}
