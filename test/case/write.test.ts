import { Ajv2020 } from 'ajv/dist/2020.js'
import t from 'tap'
import { readCase } from '../../src/case/read.js'
import { CaseSchema } from '../../src/case/schema.js'
import { caseText } from '../../src/case/write.js'
import type { Case } from '../../src/contract/case.js'
import { buyPlans, post, savedCase } from '../support/saved-case.js'

const isValid = new Ajv2020({ strict: false, code: { optimize: false } }).compile(JSON.parse(JSON.stringify(CaseSchema)))

const SAVED = await savedCase(async (account, emulator) => {
  await buyPlans(account, emulator)
  await emulator.clock.advance('P1M')
  await emulator.createAccount({ copy_of: account.name, ttl: '1h' })
  await fetch(`${emulator.url}/nowhere`, { method: 'POST', body: '"timeline": []\u2028\u0000' }).then(async response => await response.text())
  await post(emulator.url, 'create-project', { token: account.token, project_name: 'x', country: 'IN', time_zone: 'Asia/Kolkata', billing_plan: 1, generate_api_token: true, token_ip_address: ['127.0.0.1'] })
})

t.test('a case obeys its published schema, is written step by step, and is read as it was', async t => {
  for (const saved of [SAVED, { ...SAVED, timeline: [], account: 'demo-1', incomplete: '"timeline": []', paths: { 'set-webhook': null, 'fetch-balance': '/x' } }]) {
    t.ok(isValid(saved), JSON.stringify(isValid.errors))
    const text = (await caseText(saved)).toString()
    t.equal(text, `${JSON.stringify(saved, null, 2)}\n`)
    t.same(readCase(JSON.parse(text)), saved)
  }
})

t.test('what the reader refuses, the schema does, too', async t => {
  const at = SAVED.start.at
  const step = { step: 'control', at, emulated_at: at, account: null, method: 'POST', path: '/x' }
  const cases: Record<string, Partial<Record<keyof Case, unknown>>> = {
    '/case': { case: 2 },
    '/seed': { seed: 1.5 },
    '/incomplete': { incomplete: undefined },
    '/timeline/0/step': { timeline: [{ ...step, step: 'x' }] },
    '/timeline/0/at': { timeline: [{ step: 'request' }] },
    '/timeline/0/method': { timeline: [{ ...step, method: 'GET' }] },
    '/timeline/0/path': { timeline: [{ ...step, path: 'x' }] },
    '/more': { more: 1 } as object
  }
  for (const [pointer, change] of Object.entries(cases)) {
    const wrong = JSON.parse(JSON.stringify({ ...SAVED, ...change })) as unknown
    t.throws(() => readCase(wrong), { message: new RegExp(`^the case is wrong at ${pointer}: found .*, expected (?!undefined)`) })
    t.notOk(isValid(wrong), pointer)
  }
})
