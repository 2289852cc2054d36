import fastify from 'fastify'

const BODY = {
  type: 'object',
  required: ['token', 'project_id', 'service', 'plan_id'],
  properties: {
    token: { type: 'string' },
    project_id: { type: 'integer', minimum: 1 },
    service: { type: 'integer', minimum: 1, maximum: 2 },
    plan_id: { type: 'integer', minimum: 1 }
  }
}

const ANSWER = {
  type: 'object',
  required: ['status', 'message'],
  properties: {
    status: { type: 'integer' },
    message: { type: 'string' },
    old_billing_plan: { type: 'string' },
    new_billing_plan: { type: 'integer' },
    amount_debited: { type: 'string' },
    next_billing_date: { type: 'string' }
  }
}

/** Serves change-billing with bare Fastify: its schemas, but no log and no hooks. Takes `--port N` like the emulator. */
export async function serve (answerTo) {
  const app = fastify({ ajv: { customOptions: { coerceTypes: false, removeAdditional: false } } })
  app.post('/app/api/v2/pm/change-billing', { schema: { body: BODY, response: { 200: ANSWER } } }, async request => answerTo(request.body))
  await app.listen({ host: '127.0.0.1', port: Number(flag('--port')) })
}

export function flag (name) {
  const at = process.argv.indexOf(name)
  return at === -1 ? undefined : process.argv[at + 1]
}
