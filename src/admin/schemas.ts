import { Type } from '@sinclair/typebox'
import type { AccountState, ClockMoved, ClockState, FaultState } from '../contract/control.js'
import type { Scenario } from '../contract/scenario.js'
import { AccountSchema, FaultSchema, OneOf, ScenarioSchema } from '../scenario/schema.js'

// Schemas that several topics of the control API share. An answer has the type that programs see in `contract/`.

export const AccountParams = Type.Object({ account: Type.String({ description: 'the name of an account' }) })

/** A query that may name an account. */
export const AccountQuery = Type.Partial(AccountParams, { additionalProperties: false })

const Clock = Type.Object({
  mode: OneOf(['system', 'running', 'frozen']),
  at: Type.Optional(Type.String({ description: 'the time at which it is frozen, or from which it runs' })),
  now: Type.String({ description: 'the emulated time' }),
  api: OneOf(['enabled', 'disabled'])
})

export const ClockAnswer = Type.Unsafe<ClockState>(Clock)

export const ClockMovedAnswer = Type.Unsafe<ClockMoved>(Type.Composite([Clock, Type.Object({
  events: Type.Array(Type.Object({ at: Type.String(), event: Type.String() }), {
    description: 'what happened on the way, in chronological order; at most the first 1000'
  }),
  total: Type.Integer({ description: 'how many events there were' })
})]))

export const FaultAnswer = Type.Unsafe<FaultState>(Type.Composite([Type.Object({ id: Type.String() }), FaultSchema]))
export const AccountAnswer = Type.Unsafe<AccountState>(AccountSchema)
export const StateAnswer = Type.Unsafe<Scenario>(ScenarioSchema)

/** An RFC 9457 problem document. */
export const ProblemAnswer = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.String({ description: 'what is wrong, and what would be right' }),
  errors: Type.Optional(Type.Array(Type.Object({ pointer: Type.String(), found: Type.String(), expected: Type.String() }))),
  advice: Type.Optional(Type.String({ description: 'what to do next' }))
})
