import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CACHE } from './bundle.js'
import { BASE_PATH, GRANTED, PATH, REQUEST } from './contenders.js'

/** Other tools that stand in for an API, in the versions that were compared. */
const PACKAGES = ['json-server@0.17.4', '@stoplight/prism-cli@5.16.0', '@mockoon/cli@9.9.0']

/**
 * Installs the peers into a scratch folder, and returns them as contenders, each configured to answer the documented request as
 * well as it can: Prism and Mockoon with the documented answer, json-server with the request and an id.
 */
export function peers (folder) {
  const home = join(CACHE, 'peers')
  if (!existsSync(join(home, 'node_modules', '@mockoon'))) {
    mkdirSync(home, { recursive: true })
    writeFileSync(join(home, 'package.json'), '{"private":true}')
    const options = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel', 'error']
    execFileSync('npm', ['install', ...options, ...PACKAGES], { cwd: home, stdio: ['ignore', 'ignore', 'inherit'] })
  }
  const program = file => join(home, 'node_modules', file)
  const given = (name, value) => {
    const file = join(folder, name)
    writeFileSync(file, JSON.stringify(value))
    return file
  }
  const granted = { path: PATH, request: REQUEST, status: 100, first: body => JSON.parse(body).status === 100 }

  const schema = {
    type: 'object',
    required: ['token', 'project_id', 'service', 'plan_id'],
    properties: {
      token: { type: 'string' },
      project_id: { type: 'integer' },
      service: { type: 'integer' },
      plan_id: { type: 'integer' }
    }
  }
  const spec = given('openapi.json', {
    openapi: '3.0.3',
    info: { title: 'documented sample', version: '1' },
    paths: {
      [PATH]: {
        post: {
          requestBody: { content: { 'application/json': { schema } } },
          responses: { 200: { description: 'granted', content: { 'application/json': { example: JSON.parse(GRANTED) } } } }
        }
      }
    }
  })
  const environment = given('mockoon.json', {
    uuid: '00000000-0000-4000-8000-000000000000',
    lastMigration: 33,
    name: 'documented sample',
    port: 3000,
    hostname: '127.0.0.1',
    routes: [{
      uuid: '00000000-0000-4000-8000-000000000001',
      type: 'http',
      method: 'post',
      endpoint: PATH.slice(1),
      responses: [{
        uuid: '00000000-0000-4000-8000-000000000002',
        body: GRANTED,
        statusCode: 200,
        headers: [{ key: 'content-type', value: 'application/json' }],
        default: true,
        bodyType: 'INLINE',
        rules: [],
        rulesOperator: 'OR'
      }]
    }],
    rootChildren: [{ type: 'route', uuid: '00000000-0000-4000-8000-000000000001' }]
  })
  const routes = given('routes.json', { [`${BASE_PATH}/pm/*`]: '/$1' })

  return [
    {
      name: 'json-server',
      title: 'json-server 0.17.4, stores what it is sent',
      args: port => [
        program('json-server/lib/cli/bin.js'), '--port', port, '--host', '127.0.0.1', '--quiet', '--routes', routes,
        given('json-server.json', { 'change-billing': [] })
      ],
      path: PATH,
      request: REQUEST,
      httpStatus: 201,
      first: body => JSON.parse(body).plan_id === 2
    },
    {
      name: 'prism',
      title: 'Prism 5.16.0, documented answer',
      args: port => [program('@stoplight/prism-cli/dist/index.js'), 'mock', '--port', port, '--host', '127.0.0.1', spec],
      ...granted
    },
    {
      name: 'mockoon',
      title: 'Mockoon 9.9.0, documented answer',
      args: port => [
        program('@mockoon/cli/bin/run.js'), 'start', '--data', environment, '--port', port, '--disable-log-to-file'
      ],
      ...granted
    }
  ].map(peer => ({ ...peer, log: join(folder, `${peer.name}.log`) }))
}
