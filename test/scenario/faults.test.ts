import t from 'tap'
import { MACHINE_TIME, read } from '../support/scenario.js'

t.test('a fault is read with defaults for what is left out, and with the world\'s seed', async t => {
  const DEFAULTS = { when: 'before', skip: 0, probability: 1, seed: 7, delay: { fixed: 1000 }, httpStatus: 500, body: '<html><body><h1>Internal Server Error</h1></body></html>', status: 101, duration: 1000 }
  const cases: ReadonlyArray<[given: object, fault: object, progress?: object]> = [
    [{ kind: 'hang' }, {}],
    [{ kind: 'hang', when: 'after', account: 'demo', endpoint: 'change-billing', project_id: 5786, plan_id: 2, times: 3, skip: 1, probability: 0.5, seed: 0 },
      { when: 'after', account: 'demo', endpoint: 'change-billing', projectId: 5786, planId: 2, times: 3, skip: 1, probability: 0.5, seed: 0 }],
    [{ kind: 'delay', delay: { uniform: [100, 300] } }, { delay: { uniform: [100, 300] } }],
    [{ kind: 'delay', delay: { lognormal: { median: 90, sigma: 0.4 } } }, { delay: { lognormal: { median: 90, sigma: 0.4 } } }],
    [{ kind: 'http_error', http_status: 502, body: '' }, { httpStatus: 502, body: '' }],
    [{ kind: 'http_error', http_status: 502 }, { httpStatus: 502, body: '<html><body><h1>Bad Gateway</h1></body></html>' }],
    [{ kind: 'http_error', http_status: 404 }, { httpStatus: 404, body: '<html><body><h1>Not Found</h1></body></html>' }],
    [{ kind: 'http_error', http_status: 599 }, { httpStatus: 599, body: '<html><body><h1>Error</h1></body></html>' }],
    [{ kind: 'api_refusal', status: 410 }, { status: 410 }],
    [{ kind: 'slow_body', duration: 0 }, { duration: 0 }],
    [{ kind: 'hang', ttl: '10m', matched: 5, struck: 2 }, {}, { matched: 5, triggered: 2, expiresAt: MACHINE_TIME + 600_000 }]
  ]
  for (const [given, fault, progress] of cases) {
    const { kind } = given as { kind: string }
    t.strictSame(read({ accounts: [{ name: 'demo' }], faults: [given] }, {}, 7).faults, [{ fault: { kind, ...DEFAULTS, ...fault }, matched: 0, triggered: 0, expiresAt: null, ...progress }], JSON.stringify(given))
  }
})

t.test('a scenario holds at most as many faults as can be active at a time', async t => {
  const faults = (length: number) => ({ faults: Array.from({ length }, () => ({ kind: 'hang' })) })
  t.equal(read(faults(1000)).faults.length, 1000)
  t.throws(() => read(faults(1001)), { message: /^the scenario is wrong at \/faults: found \[.*, expected a list of at most 1000 faults$/ })
})
