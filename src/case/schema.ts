import { Type } from '@sinclair/typebox'
import { PATH } from '../api/index.js'
import type { Case } from '../contract/case.js'
import { MAX_FAULTS } from '../domain/fault.js'
import { AccountSchema, EventsSchema, InstantSchema, OrNull, RequestSchema, ScenarioSchema, type Matches } from '../scenario/schema.js'

const only = { additionalProperties: false }
const Name = Type.String({ minLength: 1, maxLength: 200, description: 'a name' })
const Flag = Type.Boolean({ description: 'true or false' })
const FaultIds = Type.Array(Name, { maxItems: MAX_FAULTS, description: 'a list of ids' })
const Index = Type.Integer({ minimum: -1, description: 'the index of a step, or -1 for the end' })

/** The kind of a step, by which a step that is wrong is told what it could be. */
const Step = <const Kind extends string>(kind: Kind) => Type.Literal(kind, { description: 'request, control, events or removal' })

const RequestStep = Type.Object({
  step: Step('request'),
  at: InstantSchema,
  arrived: Type.Optional(Type.Object({ before: Index, at: InstantSchema }, { ...only, description: 'an object with before and at' })),
  from: Type.String({ maxLength: 100, description: 'an address' }),
  sendable: Flag,
  request: RequestSchema
}, { ...only, description: 'a request' })

const ControlStep = Type.Object({
  step: Step('control'),
  at: InstantSchema,
  emulated_at: InstantSchema,
  account: OrNull(Name),
  method: Type.String({ pattern: '^(POST|PUT|PATCH|DELETE)$', description: 'POST, PUT, PATCH or DELETE' }),
  path: Type.String({ maxLength: 10_000, pattern: '^(/(?!/)[^\\x00-\\x20\\x7f]*)?$', description: 'a path below the control API\'s' }),
  body: Type.Optional(Type.Unknown({ description: 'any value' })),
  fault: Type.Optional(Name),
  faults: Type.Optional(FaultIds),
  snapshot: Type.Optional(Name)
}, { ...only, description: 'a call of the control API' })

const EventsStep = Type.Object({
  step: Step('events'),
  at: Type.Optional(InstantSchema),
  account: Type.Optional(OrNull(Name)),
  events: EventsSchema,
  total: Type.Integer({ minimum: 0, description: 'a whole number from 0' })
}, { ...only, description: 'what time brought' })

const RemovalStep = Type.Object({
  step: Step('removal'),
  at: InstantSchema,
  account: Name
}, { ...only, description: 'the removal of an account' })

/** Steps by their names. */
export const STEPS = { request: RequestStep, control: ControlStep, events: EventsStep, removal: RemovalStep }

export const StepSchema = Type.Union([RequestStep, ControlStep, EventsStep, RemovalStep], { description: 'a step: request, control, events or removal' })

const WorldSchema = Type.Object({ at: InstantSchema, scenario: ScenarioSchema }, { ...only, description: 'a world' })

/** A case. Each `description` completes "expected …". */
export const CaseSchema = Type.Object({
  case: Type.Literal(1, { description: '1, the version of the format that this emulator reads' }),
  emulator: Type.String({ maxLength: 100, description: 'a version' }),
  saved_at: InstantSchema,
  account: OrNull(Name),
  incomplete: OrNull(Type.String({ maxLength: 1000, description: 'a reason' })),
  seed: Type.Integer({ minimum: 0, maximum: 0xffff_ffff, description: 'a whole number from 0 to 4294967295' }),
  paths: Type.Optional(Type.Record(Type.String(), OrNull(Type.String({ pattern: PATH, description: 'a path below the API\'s' })))),
  start: Type.Object({
    at: InstantSchema,
    scenario: ScenarioSchema,
    faults: Type.Optional(FaultIds),
    reset_to: Type.Optional(ScenarioSchema),
    initial: Type.Optional(Type.Array(AccountSchema, { description: 'a list of accounts' }))
  }, { ...only, description: 'the world at the start' }),
  timeline: Type.Array(StepSchema, { description: 'a list of steps' }),
  end: WorldSchema
}, { ...only, description: 'a case' })

/** Fails to compile when the schema and the interface, which programs use without the schema library, drift apart. */
export const caseMatchesItsSchema: Matches<typeof CaseSchema, Case> = true
