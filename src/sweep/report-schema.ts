import { Type, type TSchema } from '@sinclair/typebox'
import { VERDICT_NAMES } from '../domain/verdicts.js'
import type { SweepReport } from '../contract/sweep-report.js'
import { FaultSchema, OneOf, WireSchema, type Matches } from '../scenario/schema.js'

/** `description` completes "expected …" in an error, and tells readers of the schema what is in a field. */
function OrNull<Schema extends TSchema> (schema: Schema) {
  return Type.Union([schema, Type.Null()], { description: `${schema.description}, or null` })
}

function List<Schema extends TSchema> (schema: Schema, what: string, minItems = 0) {
  return Type.Array(schema, { description: `a list of ${what}`, ...minItems > 0 && { minItems } })
}

function Struct<Properties extends Record<string, TSchema>> (what: string, properties: Properties) {
  return Type.Object(properties, { description: what })
}

const Text = Type.String({ description: 'a string' })
const Flag = Type.Boolean({ description: 'true or false' })
const Count = Type.Integer({ minimum: 0, description: 'a whole number from 0' })
const Ordinal = Type.Integer({ minimum: 1, description: 'a whole number from 1' })
const Whole = Type.Integer({ description: 'a whole number' })
const Usd = Type.String({ pattern: '^-?\\d{1,12}(\\.\\d{1,3})?$', description: 'an amount in USD as a string, such as "4.99"' })
const Verdict = OneOf(VERDICT_NAMES)
const choice = { name: Text, choice: Text }

const Call = Struct('a call of the reference', {
  endpoint: Text,
  project_id: OrNull(Whole),
  plan_id: OrNull(Whole),
  skip: Count,
  api_status: OrNull(Whole),
  rule: OrNull(Text),
  charged: Flag,
  assumptions: List(Text, 'open questions')
})

const Other = Struct('a verdict under another choice', { ...choice, verdict: Verdict, says: Text, reproduce: OrNull(Text) })

const Result = Struct('a run and the verdict on it', {
  id: Text,
  number: Ordinal,
  kind: OneOf(['fault', 'question', 'dialect', 'instant']),
  call: OrNull(Ordinal),
  fault: OrNull(FaultSchema),
  question: OrNull(Struct('a choice for an open question', choice)),
  wire: OrNull(WireSchema),
  instant: OrNull(Text),
  verdict: Verdict,
  mark: OneOf(['pass', 'warning', 'failure', 'none']),
  accepted: Flag,
  says: Text,
  if: List(Other, 'verdicts under other choices'),
  ending: OneOf(['success', 'failure', 'timeout', 'signal']),
  exit_code: OrNull(Whole),
  signal: OrNull(Text),
  duration_ms: Count,
  charged: Usd,
  calls: Count,
  output: Text,
  reproduce: OrNull(Text),
  short_of_money: Type.Optional(Flag),
  case: Type.Optional(Text)
})

/** Schema of a report, published as `dist/sweep-report.schema.json`. */
export const SweepReportSchema = Type.Object({
  format: Type.Literal('picky-emulator-sweep', { description: '"picky-emulator-sweep"' }),
  version: Type.Literal(1, { description: '1' }),
  emulator: Text,
  command: OrNull(List(Text, 'strings')),
  options: List(Text, 'strings'),
  started_at: Text,
  duration_ms: Count,
  planned: Count,
  plan: Text,
  complete: Flag,
  shards: OrNull(Struct('the shards that it covers', { of: Ordinal, done: List(Ordinal, 'numbers of shards', 1) })),
  reference: Struct('the command without any fault', {
    calls: List(Call, 'calls'), charged: Usd, duration_ms: Count, resets: Flag, unmet: List(Text, 'what it set and never met')
  }),
  questions_not_met: List(Text, 'open questions'),
  questions_settled: List(Text, 'open questions'),
  accepted: List(Verdict, 'verdicts'),
  results: List(Result, 'results'),
  counts: Struct('numbers of results by what they mean', { pass: Count, warning: Count, failure: Count, none: Count, accepted: Count }),
  ok: Flag
}, {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Report of picky-emulator sweep',
  description: 'a report of sweep'
})

/** Fails to compile when the schema and the interface drift apart. */
export const reportMatchesItsSchema: Matches<typeof SweepReportSchema, SweepReport> = true
