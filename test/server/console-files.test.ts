import { existsSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import type { JournalEntry } from '../../src/contract/journal-entry.js'
import { emulate, SAMPLE_REQUEST } from '../support/emulator.js'

const BUILT = new URL('../../dist/console/', import.meta.url)
if (!existsSync(BUILT)) throw new Error('dist/console is missing; this test looks at what is built: npm run build')

const FILES = { '/': 'index.html', '/__console/console.js': 'console.js', '/__console/exporter.js': 'exporter.js', '/__console/console.css': 'console.css', '/__console/icon.svg': 'icon.svg' }
const TYPES = { '/': 'text/html; charset=utf-8', '/__console/console.js': 'text/javascript; charset=utf-8', '/__console/exporter.js': 'text/javascript; charset=utf-8', '/__console/console.css': 'text/css; charset=utf-8', '/__console/icon.svg': 'image/svg+xml' }

t.test('the console is served', async t => {
  const { url, ask, change, last } = await emulate(t)

  for (const [path, file] of Object.entries(FILES)) {
    t.test(`at ${path}, as it was built, with its type and a strict policy`, async t => {
      const response = await fetch(url + path)
      t.equal(response.status, 200)
      t.equal(response.headers.get('content-type'), TYPES[path as '/'])
      t.equal(await response.text(), readFileSync(new URL(file, BUILT), 'utf8'))
      t.equal(response.headers.get('x-content-type-options'), 'nosniff')
      t.equal(response.headers.get('referrer-policy'), 'no-referrer')
      const policy = Object.fromEntries(response.headers.get('content-security-policy')!.split('; ').map(part => [part.split(' ')[0], part.split(' ').slice(1).join(' ')]))
      t.same(policy, { 'default-src': "'none'", 'script-src': "'self'", 'style-src': "'self'", 'img-src': "'self'", 'connect-src': "'self'", 'base-uri': "'none'", 'form-action': "'none'", 'frame-ancestors': "'none'" })
    })
  }

  t.test('HEAD is answered like GET, without the file and without a trace', async t => {
    const { url, change, last } = await emulate(t)
    for (const path of Object.keys(FILES)) {
      const [head, get] = [await fetch(url + path, { method: 'HEAD' }), await fetch(url + path)]
      t.match({ status: head.status, text: await head.text(), type: head.headers.get('content-type') }, { status: 200, text: '', type: get.headers.get('content-type') })
      t.equal(head.headers.get('content-length'), String((await get.arrayBuffer()).byteLength))
    }
    await change(SAMPLE_REQUEST)
    t.match(await last(), { id: '1-1' })
  })

  t.test('also where a link says what is to be shown', async t => {
    t.equal((await fetch(`${url}/?view=requests&request=1-1`)).headers.get('content-type'), TYPES['/'])
  })

  for (const path of ['/__console', '/__console/', '/__console/x', '/__console/console.js/', '/__console/index.html', '/__console/../package.json', '/__console/%2e%2e/%2e%2e/package.json', '/__console/console.js.map']) {
    t.test(`and nothing at ${path}, which is answered as any path that nobody serves`, async t => {
      const { http, body } = await ask(path, {})
      t.equal(http, 404)
      t.match(body, { status: 410, message: /^Invalid Request: there is no endpoint at this path/ })
    })
  }

  t.test('from where people look for it, too, behind a proxy as well, and no request of a client', async t => {
    const { url, change, last } = await emulate(t)
    for (const [path, location] of [['/index.html', './'], ['/index.html?view=money', './'], ['//', '../']] as const) {
      for (const method of ['GET', 'HEAD']) {
        const response = await fetch(url + path, { method, redirect: 'manual' })
        t.match({ status: response.status, text: await response.text(), location: response.headers.get('location') }, { status: 302, text: '', location }, `${method} ${path}`)
        t.equal(new URL(location, `https://proxy.test/emulator${path}`).pathname, '/emulator/')
      }
    }
    await change(SAMPLE_REQUEST)
    t.match(await last(), { id: '1-1' })
    await fetch(`${url}//`, { method: 'POST' })
    t.match(await last(), { id: '1-2', path: '//' }, 'what no browser sends is one')
  })

  t.test('what a browser asks for by itself is not there, and is no request of a client', async t => {
    const { url, change, last } = await emulate(t)
    for (const path of ['/favicon.ico', '/apple-touch-icon.png', '/apple-touch-icon-precomposed.png', '/.well-known/appspecific/com.chrome.devtools.json', '/favicon.ico?v=1']) {
      for (const method of ['GET', 'HEAD']) {
        const response = await fetch(url + path, { method })
        t.match({ status: response.status, text: await response.text(), type: response.headers.get('content-type') }, { status: 404, text: '', type: null }, `${method} ${path}`)
      }
    }
    await change(SAMPLE_REQUEST)
    t.match(await last(), { id: '1-1' })
    await fetch(`${url}/favicon.ico`, { method: 'POST' })
    t.match(await last(), { id: '1-2', path: '/favicon.ico' }, 'what no browser sends is one')
  })

  t.test('without a trace in the journal, and requests are numbered as if nobody had looked', async t => {
    const { url, ask, change } = await emulate(t)
    await change(SAMPLE_REQUEST)
    for (const path of [...Object.keys(FILES), '/?view=requests', '/__admin/accounts', '/__admin/requests']) t.equal((await fetch(url + path)).status, 200)
    await change(SAMPLE_REQUEST)
    const { requests } = (await ask('/__admin/requests', {})).body as { requests: JournalEntry[] }
    t.same(requests.map(({ id }) => id), ['1-1', '1-2'])
  })

  t.test('and is no part of the emulated API', async t => {
    await change(SAMPLE_REQUEST)
    t.equal((await ask('/', { method: 'POST', body: SAMPLE_REQUEST })).http, 404)
    t.match(await last(), { id: /^1-\d+$/, path: '/', rule: 'path-must-be-known' }, 'and is numbered as any other request')
  })
})

t.test('where the console is switched off there is nothing of it', async t => {
  const { ask, last } = await emulate(t, { console: false })
  for (const [index, path] of Object.keys(FILES).entries()) {
    t.match(await ask(path, {}), { http: 404, body: { status: 410 } }, path)
    t.match(await last(), { id: `1-${index + 1}`, path }, 'a request like any other')
  }
  t.equal((await ask('/__admin/health', {})).http, 200)
})

t.test('what is served', async t => {
  const built = Object.values(FILES).map(file => readFileSync(new URL(file, BUILT)))

  t.test('is at most a hundred kilobytes, compressed', async t => {
    const bytes = built.reduce((sum, file) => sum + gzipSync(file).length, 0)
    t.ok(bytes < 100_000, `${bytes} bytes`)
  })

  t.test('names no address elsewhere, but for namespaces and what is shown as an example', async t => {
    // A long text is continued on the next line.
    const urls = built.flatMap(file => file.toString().replaceAll('\\\n', '').match(/\b(?:https?|wss?):\/\/[\w.-]+|["'(]\/\/[\w-]+\.[\w.-]+|\bsourceMappingURL/g) ?? [])
    t.same(urls.filter(url => !/^https?:\/\/(www\.w3\.org|schema\.getpostman\.com|example\.com|localhost)$/.test(url)), [])
  })

  t.test('has no script and no style within the page itself', async t => {
    const page = built[0]!.toString()
    t.notMatch(page, /<script(?! type="module" src=)|<style|\sstyle=|\son\w+=|javascript:/i)
    t.notMatch(built[1]!.toString(), /\beval\(|new Function\(|dangerouslySetInnerHTML=|document\.write/)
  })
})
