/**
 * The rooms of src/, from the ground up, each with the rooms that it imports. A new arrow is a decision: it belongs here and
 * in docs/architecture.md, and it must lead down.
 */
export const ROOMS = {
  domain: [],
  contract: [],
  text: [],
  machine: [],
  'last-of': [],
  disk: [],
  problem: [],
  'node-options': ['problem'],
  package: ['problem'],
  'time-slices': ['machine'],
  'output-file': ['disk', 'problem'],
  tls: ['disk', 'problem', 'text'],
  redirect: ['text'],
  environment: ['package', 'problem', 'text'],
  store: ['disk', 'domain', 'last-of', 'machine', 'node-options', 'package', 'problem'],
  client: ['contract', 'text'],
  report: ['contract', 'domain', 'text'],
  export: ['contract', 'domain', 'text'],
  console: ['client', 'contract', 'domain', 'export', 'report', 'text'],
  world: ['contract', 'domain', 'last-of', 'store'],
  api: ['domain', 'last-of', 'store', 'text', 'world'],
  journal: ['api', 'contract', 'domain', 'last-of', 'machine', 'text', 'time-slices', 'world'],
  runtime: ['contract', 'domain', 'journal', 'machine', 'store', 'time-slices', 'world'],
  scenario: ['api', 'contract', 'domain', 'journal', 'package', 'problem', 'store', 'text', 'time-slices', 'world'],
  case: ['api', 'contract', 'domain', 'journal', 'package', 'problem', 'runtime', 'scenario', 'store', 'text', 'time-slices', 'world'],
  admin: ['api', 'case', 'contract', 'domain', 'journal', 'last-of', 'machine', 'package', 'problem', 'runtime', 'scenario', 'store', 'text', 'time-slices', 'world'],
  replay: ['admin', 'api', 'case', 'client', 'contract', 'domain', 'machine', 'output-file', 'problem', 'runtime', 'scenario', 'store', 'text', 'time-slices'],
  server: ['admin', 'api', 'case', 'contract', 'disk', 'domain', 'journal', 'machine', 'node-options', 'output-file', 'package', 'problem', 'replay', 'runtime', 'scenario', 'store', 'text', 'time-slices', 'tls', 'world'],
  sweep: ['api', 'case', 'client', 'contract', 'disk', 'domain', 'environment', 'machine', 'output-file', 'package', 'problem', 'report', 'runtime', 'scenario', 'server', 'store', 'text', 'tls'],
  cli: ['case', 'contract', 'disk', 'domain', 'environment', 'export', 'machine', 'node-options', 'output-file', 'package', 'problem', 'replay', 'report', 'scenario', 'server', 'sweep', 'text', 'tls'],
  index: ['client', 'contract', 'problem', 'redirect', 'replay', 'server', 'sweep']
}

const pathOf = room => `^src/${room}(?:/|\\.ts$)`

export default {
  forbidden: [
    {
      name: 'no-circular',
      comment: 'No two files import each other, types included.',
      severity: 'error',
      from: {},
      to: { circular: true }
    },
    ...Object.entries(ROOMS).map(([room, imported]) => ({
      name: `imports-of-${room}`,
      comment: `${room} imports ${imported.join(', ') || 'no other room'}.`,
      severity: 'error',
      from: { path: pathOf(room) },
      to: { path: '^src/', pathNot: [room, ...imported].map(pathOf) }
    })),
    {
      name: 'contract-stands-alone',
      comment: 'Programs see these types, and have none of the libraries.',
      severity: 'error',
      from: { path: pathOf('contract') },
      to: { pathNot: '^src/' }
    }
  ],
  options: {
    tsPreCompilationDeps: true, // types count
    doNotFollow: { path: 'node_modules' }
  }
}
