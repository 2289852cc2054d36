import { Type, type TSchema } from '@sinclair/typebox'
import { VERDICT_NAMES } from '../domain/verdict.js'
import type { SweepReport } from '../contract/sweep-report.js'
import { FaultSchema, OneOf, WireSchema, type Matches } from '../scenario/schema.js'

function OrNull<Schema extends TSchema> (schema: Schema) {
  return Type.Union([schema, Type.Null()])
}

const Text = Type.String()
const Count = Type.Integer({ minimum: 0 })
const Usd = Type.String({ pattern: '^-?\\d{1,12}(\\.\\d{1,3})?$', description: 'USD' })
const Verdict = OneOf(VERDICT_NAMES)
const Choice = Type.Object({ name: Text, choice: Text })

const Call = Type.Object({
  endpoint: Text,
  project_id: OrNull(Type.Integer()),
  plan_id: OrNull(Type.Integer()),
  skip: Count,
  api_status: OrNull(Type.Integer()),
  rule: OrNull(Text),
  charged: Type.Boolean(),
  assumptions: Type.Array(Text)
})

const Result = Type.Object({
  id: Text,
  number: Type.Integer({ minimum: 1 }),
  kind: OneOf(['fault', 'question', 'dialect', 'instant']),
  call: OrNull(Type.Integer({ minimum: 1 })),
  fault: OrNull(FaultSchema),
  question: OrNull(Choice),
  wire: OrNull(WireSchema),
  instant: OrNull(Text),
  verdict: Verdict,
  mark: OneOf(['pass', 'warning', 'failure', 'none']),
  accepted: Type.Boolean(),
  says: Text,
  if: Type.Array(Type.Object({ name: Text, choice: Text, verdict: Verdict, says: Text, reproduce: OrNull(Text) })),
  ending: OneOf(['success', 'failure', 'timeout', 'signal']),
  exit_code: OrNull(Type.Integer()),
  signal: OrNull(Text),
  duration_ms: Count,
  charged: Usd,
  calls: Count,
  output: Text,
  reproduce: OrNull(Text)
})

/** Schema of a report, published as `dist/sweep-report.schema.json`. */
export const SweepReportSchema = Type.Object({
  format: Type.Literal('picky-emulator-sweep'),
  version: Type.Literal(1),
  emulator: Text,
  command: OrNull(Type.Array(Text)),
  options: Type.Array(Text),
  started_at: Text,
  duration_ms: Count,
  planned: Count,
  complete: Type.Boolean(),
  shards: OrNull(Type.Object({ of: Type.Integer({ minimum: 1 }), done: Type.Array(Type.Integer({ minimum: 1 }), { minItems: 1 }) })),
  reference: Type.Object({ calls: Type.Array(Call), charged: Usd, duration_ms: Count, resets: Type.Boolean() }),
  questions_not_met: Type.Array(Text),
  questions_settled: Type.Array(Text),
  accepted: Type.Array(Verdict),
  results: Type.Array(Result),
  counts: Type.Object({ pass: Count, warning: Count, failure: Count, none: Count, accepted: Count }),
  ok: Type.Boolean()
}, { $schema: 'https://json-schema.org/draft/2020-12/schema', title: 'Report of picky-emulator sweep' })

/** Fails to compile when the schema and the interface drift apart. */
export const reportMatchesItsSchema: Matches<typeof SweepReportSchema, SweepReport> = true
