import { Type } from '@sinclair/typebox'
import { AccountSchema, FaultSchema, ScenarioSchema } from '../scenario/schema.js'

/** The shapes that several topics of the control API share. */
export const AccountParams = Type.Object({ account: Type.String({ description: 'the account\'s name' }) })

export const ClockAnswer = Type.Object({
  mode: Type.String(),
  at: Type.Optional(Type.String({ description: 'where it stands, or ran from' })),
  now: Type.String({ description: 'the emulated time' }),
  api: Type.String({ description: 'enabled or disabled at that time' })
})

export const EventsAnswer = Type.Composite([ClockAnswer, Type.Object({
  events: Type.Array(Type.Object({ at: Type.String(), event: Type.String() }), { description: 'what happened on the way, in its order; the first thousand' }),
  total: Type.Integer({ description: 'how many events there were' })
})])

export const FaultAnswer = Type.Composite([Type.Object({ id: Type.String() }), FaultSchema])

export const AccountAnswer = AccountSchema
export const StateAnswer = ScenarioSchema

/** An RFC 9457 problem document. */
export const ProblemAnswer = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.String({ description: 'what was wrong, and what would be right' }),
  errors: Type.Optional(Type.Array(Type.Object({ pointer: Type.String(), found: Type.String(), expected: Type.String() }))),
  advice: Type.Optional(Type.String({ description: 'what to do next' }))
})
