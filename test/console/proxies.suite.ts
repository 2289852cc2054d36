import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { connect as dial, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { connect } from '../../src/client/connect.js'
import { becomes, CHANGE, idsOf, inBrowser } from '../support/browser.js'
import { share } from '../support/effort.js'
import { freePort } from '../support/free-port.js'
import { until } from '../support/raw-http.js'

/** The host in the examples of the page; the browser finds it on this machine. */
const HOST = 'emulator.example.test'

const PAGE = readFileSync(new URL('../../docs/behind-a-proxy.md', import.meta.url), 'utf8')

/** Starts a proxy in front of an emulator, which ends with the test, and gives its origin. */
type StartProxy = (t: Test, emulator: string) => Promise<string>

const PROXIES: ReadonlyArray<[name: string, start: StartProxy, missing: string | false]> = [
  ['a proxy without TLS', startPlain, false],
  ['the example for nginx', startNginx, missing('nginx', '-v') || missing('openssl', 'version')],
  ['the example for Caddy', startCaddy, missing('caddy', 'version') || missing('openssl', 'version')]
]

function missing (program: string, ask: string): string | false {
  return spawnSync(program, [ask]).status === 0 ? false : `${program} is not installed`
}

/** Does the least: it strips the prefix. */
async function startPlain (t: Test, emulator: string): Promise<string> {
  const { hostname, port } = new URL(emulator)
  const proxy = createServer((asked, answer) => {
    const [, path] = /^\/picky(\/.*)$/.exec(asked.url!) ?? []
    if (path === undefined) return answer.writeHead(asked.url === '/picky' ? 301 : 404, { location: '/picky/' }).end()
    const passed = request({ hostname, port, path, method: asked.method, headers: asked.headers, agent: false }, response => {
      response.pipe(answer.writeHead(response.statusCode!, response.headers))
    })
    passed.on('error', () => answer.destroy())
    answer.on('close', () => passed.destroy())
    asked.pipe(passed)
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  t.teardown(() => { proxy.close().closeAllConnections() })
  return `http://${HOST}:${(proxy.address() as AddressInfo).port}`
}

async function startNginx (t: Test, emulator: string): Promise<string> {
  const folder = workplace(t)
  const port = await freePort()
  const example = exampleIn('nginx', emulator, folder).replace('listen 443', `listen ${port}`)
  const own = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(name => `${name}_temp_path ${folder}/${name};`)
  const user = process.getuid!() === 0 ? 'user root;' : ''
  writeFileSync(join(folder, 'nginx.conf'), `${user}
daemon off;
worker_processes 1;
pid ${folder}/pid;
error_log stderr;
events {}
http {
access_log off;
${own.join('\n')}
${example}
}`)
  return await started(t, port, 'nginx', ['-e', 'stderr', '-c', join(folder, 'nginx.conf')])
}

async function startCaddy (t: Test, emulator: string): Promise<string> {
  const folder = workplace(t)
  const port = await freePort()
  const example = exampleIn('caddyfile', emulator, folder).replace(`${HOST} {`, `https://${HOST}:${port} {`)
  writeFileSync(join(folder, 'Caddyfile'), `{
admin off
auto_https disable_redirects
storage file_system ${folder}
}
${example}`)
  return await started(t, port, 'caddy', ['run', '--adapter', 'caddyfile', '--config', join(folder, 'Caddyfile')])
}

/** A folder with a certificate that nothing trusts but this test. */
function workplace (t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'picky-proxy-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const options = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', `/CN=${HOST}`, '-addext', `subjectAltName=DNS:${HOST}`]
  execFileSync('openssl', ['req', '-x509', ...options, '-keyout', join(folder, 'emulator.key'), '-out', join(folder, 'emulator.crt')], { stdio: 'ignore' })
  return folder
}

/** The page's example as it stands, but for the emulator's port and the certificate's folder. */
function exampleIn (language: string, emulator: string, folder: string): string {
  const [, text] = new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, 'm').exec(PAGE)!
  return text!.replaceAll('127.0.0.1:4290', new URL(emulator).host).replaceAll('/etc/ssl', folder)
}

async function started (t: Test, port: number, program: string, args: string[]): Promise<string> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = once(child, 'close')
  let said = ''
  child.stderr.on('data', text => { said += text })
  t.teardown(async () => {
    child.kill()
    await ended
  })
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`${program} has ended: ${said}`)
    return await listens(port)
  })
  return `https://${HOST}:${port}`
}

function listens (port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = dial(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

for (const [name, startProxy, isMissing] of share(PROXIES, 0, PROXIES.length)) {
  inBrowser(`behind ${name} the console works below a path`, {
    start: { allowHost: HOST },
    context: { ignoreHTTPSErrors: true },
    // The origin is the proxy's; any request that leaves the prefix is a complaint.
    provoked: /^a request to https?:\/\/emulator\.example\.test:\d+\/picky(\/|$)/,
    skip: isMissing
  }, async (t, { page, emulator, control }) => {
    const base = `${await startProxy(t, emulator.url)}/picky`
    await page.goto(base)
    await page.getByText('live', { exact: true }).waitFor()
    t.equal(page.url(), `${base}/`, 'the slash is added')

    await page.getByRole('link', { name: 'Requests' }).click()
    t.equal(page.url(), `${base}/?view=requests`)
    await emulator.change({ ...CHANGE, plan_id: 99 })
    await becomes(t, () => idsOf({ page }), ['1-1'], 'an event arrives when it happens')

    await control.createAccount({ name: 'a/b' })
    const call = async (method: string, path: string, size = 0): Promise<number> => await page.evaluate(`fetch(${JSON.stringify(`__admin${path}`)}, {
      method: '${method}', headers: { 'content-type': 'application/json', 'x-requested-with': 'x' }, ${size > 0 ? `body: '{"copy_of":"demo"}' + ' '.repeat(${size})` : ''}
    }).then(({ status }) => status)`)
    t.equal(await call('GET', '/accounts/a%2Fb'), 200, 'a name with a slash')
    t.equal(await call('POST', '/accounts', 2_000_000), 201, 'a large body')

    if (base.startsWith('https:')) return
    await page.locator('.row').click()
    await page.getByRole('button', { name: 'Copy as curl' }).click()
    t.match(await page.getByLabel('curl command').inputValue(), `'${base}/app/api/v2/pm/change-billing'`)
    await page.getByRole('button', { name: 'Send again' }).click()
    await becomes(t, () => idsOf({ page }), ['1-2', '1-1'], 'a request can be sent')
    await page.reload()
    await becomes(t, () => idsOf({ page }), ['1-2', '1-1'], 'a link to what is shown leads there')
    await page.goBack()
    await page.getByRole('link', { name: 'Overview' }).click()
    t.equal(page.url(), `${base}/`)

    const account = await connect(base.replace(HOST, 'localhost')).createAccount({ balance: '7' })
    t.equal(await account.wallet.balance(), '7', 'the library takes the URL with its path')
  })
}
