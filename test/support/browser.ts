import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Locator, type Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { connect, type RemoteEmulator } from '../../src/client/connect.js'
import type { StartOptions } from '../../src/server/options.js'
import { emulate } from './emulator.js'

/** The headless shell is Chromium without a window and what belongs to one, and takes half the processor time of the others. */
const PROGRAMS = ['chromium-headless-shell', 'chrome-headless-shell', 'chromium', 'chromium-browser', 'google-chrome']

/** The browser that the environment variable CHROMIUM names, else the first of its usual names on the PATH. */
const program = process.env.CHROMIUM || PROGRAMS.flatMap(name => process.env.PATH!.split(delimiter).map(folder => join(folder, name))).find(existsSync)

if (program !== undefined && !existsSync(new URL('../../dist/console/', import.meta.url))) throw new Error('dist/console is missing; these tests look at what is built: npm run build')

/** The `skip` option of every test in a browser. */
export const skip = program === undefined ? 'no browser is found: install the package chromium-headless-shell or chromium, or name one in the environment variable CHROMIUM' : false

const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
  // The pages of a context share a process: starting one takes longer than loading the console does.
  '--process-per-site', '--host-resolver-rules=MAP *.example.test 127.0.0.1']

/** The number of tests that run at the same time, each in its own context. With more, they take a third more of the processors' time. */
t.jobs = 2

/** No limit of time decides a verdict: a busy machine may take this long for all the tests in a browser, in milliseconds. */
t.setTimeout(1_800_000)

/** The time that a single expectation may take, in milliseconds. It only ends a test that would fail anyway: a busy machine can keep a browser from drawing for a minute. */
const PATIENCE = 300_000

/** The settings of every context. An animation would only be drawn again and again. */
const SETTINGS: BrowserContextOptions = { viewport: { width: 1280, height: 860 }, reducedMotion: 'reduce' }

let launched: Promise<Browser> | undefined
let keeper: Server | undefined

/** Contexts for tests that need none of their own. A page stores things there for its origin, and each emulator has another port. */
const idle: BrowserContext[] = []
// A file that shares its process with others is a subtest of everything that the process runs.
const all = (t.parent ?? t) as Test
all.teardown(async () => { await (await launched)?.close() })

/** The one browser of this process, started when the first test needs it. */
async function browser (): Promise<Browser> {
  launched ??= chromium.launch({ executablePath: program!, args: FLAGS })
  return await launched
}

/** Takes a context that no test is using. */
async function takeContext (): Promise<BrowserContext> {
  const free = idle.pop()
  if (free !== undefined) return free
  const context = await (await browser()).newContext(SETTINGS)
  // A page of the same site keeps the process of the pages alive between two tests.
  keeper ??= createServer((_request, response) => response.end()).listen(0, '127.0.0.1').unref()
  if (!keeper.listening) await once(keeper, 'listening')
  await (await context.newPage()).goto(`http://127.0.0.1:${(keeper.address() as AddressInfo).port}/`)
  return context
}

/** The views, by their names in the URL. */
export const VIEWS = ['overview', 'requests', 'money', 'faults', 'try', 'sweep', 'case', 'files'] as const

/** A purchase by the account `demo` that succeeds. */
export const CHANGE = { token: 'demo-token', project_id: 5786, service: 1, plan_id: 2 }

/** The world of most tests: two accounts and a frozen clock. */
export const WORLD = {
  clock: { mode: 'frozen' as const, at: '2020-06-16T12:00:00Z' },
  accounts: [
    { name: 'demo', token: 'demo-token', balance: '100', projects: [{ project_id: 5786, project_name: 'web shop', subscriptions: [{ service: 1 as const, plan_id: 1 }] }] },
    { name: 'other', token: 'other-token', balance: '1234.5', projects: [{ project_id: 1, project_name: 'help desk', subscriptions: [{ service: 1 as const, plan_id: 3 }, { service: 2 as const, plan_id: 7 }] }, { project_id: 2, project_name: 'old', project_status: 'Expired' as const }] }
  ]
}

export interface Opened {
  readonly page: Page
  readonly emulator: Awaited<ReturnType<typeof emulate>>
  readonly control: RemoteEmulator
  /** Loads a path of the console, and waits until it shows the world. */
  readonly open: (path?: string) => Promise<void>
  /** Goes to a path of the console that is open, as its links do: without loading it again, which takes most of a test's time. */
  readonly show: (path: string) => Promise<void>
  /** Another page in a separate context, like another person's browser. */
  readonly openAnother: (options?: BrowserContextOptions) => Promise<Page>
}

interface Given {
  readonly start?: StartOptions
  /**
   * Gives the test its own context with these settings, which a test needs that replaces the page's clock or opens more tabs. Without, it
   * takes over the context of an earlier test.
   */
  readonly context?: BrowserContextOptions
  /** Complaints of the browser that the test means to provoke. */
  readonly provoked?: RegExp
  /** Why the test can't be run here, even with a browser. */
  readonly skip?: string | false
}

/**
 * A test of the console in a real browser, with its own emulator in this process. The test opens the console itself, once what it
 * is to show is there. It fails on any error of the page, on any complaint of the browser, such as a violation of the content security policy, and on a request to another origin.
 */
export function inBrowser (name: string, { start = {}, context, provoked, skip: reason = false }: Given, run: (t: Test, opened: Opened) => Promise<void>): void {
  t.test(name, { skip: skip || reason, timeout: 1_800_000 }, async t => {
    const emulator = await emulate(t, { scenario: WORLD, ...start })
    const wrong: string[] = []
    const pageOf = async (context: BrowserContext): Promise<Page> => {
      const page = await context.newPage()
      page.setDefaultTimeout(PATIENCE)
      watch(page, emulator.url, wrong)
      return page
    }
    const openAnother = async (options: BrowserContextOptions = {}): Promise<Page> => {
      const opened = await (await browser()).newContext({ ...SETTINGS, ...context, ...options })
      t.teardown(() => opened.close())
      return await pageOf(opened)
    }
    const openShared = async (): Promise<Page> => {
      const context = await takeContext()
      const page = await pageOf(context)
      t.teardown(async () => {
        await page.close()
        idle.push(context)
      })
      return page
    }
    const page = await (context === undefined ? openShared() : openAnother())
    const open = async (path = '/'): Promise<void> => {
      await page.goto(emulator.url + path)
      await page.getByText('live', { exact: true }).waitFor()
      await page.locator('.time .now time').waitFor()
    }
    const show = async (path: string): Promise<void> => {
      await page.evaluate(`history.pushState(null, '', ${JSON.stringify(path)}); dispatchEvent(new PopStateEvent('popstate')); new Promise(requestAnimationFrame)`)
    }
    const { adminToken } = start
    await run(t, { page, emulator, control: connect(emulator.url, { ...adminToken !== undefined && { adminToken } }), open, show, openAnother })
    t.same(wrong.filter(complaint => provoked?.test(complaint) !== true), [], 'the browser complains of nothing else')
  })
}

function watch (page: Page, origin: string, wrong: string[]): void {
  page.on('pageerror', error => { wrong.push(`an error: ${error.message}`) })
  page.on('console', message => {
    if (!['error', 'warning'].includes(message.type())) return
    // The browser reports every refusal and every missing answer: those are what is tested here.
    const isAnswer = message.text().startsWith('Failed to load resource')
    const isOfItsFiles = message.text().includes('status of') && new URL(message.location().url).pathname.startsWith('/__console')
    if (!isAnswer || isOfItsFiles) wrong.push(`${message.type()}: ${message.text()}`)
  })
  page.on('request', request => {
    const url = new URL(request.url())
    if (url.origin !== origin && !['data:', 'blob:'].includes(url.protocol)) wrong.push(`a request to ${request.url()}`)
  })
}

/** Stops the clock of a page, which a test has installed there. It can stop at an instant to come only: on a slow machine, that may have passed. */
export async function pauseClock (page: Page): Promise<void> {
  for (let isPaused = false; !isPaused;) {
    const soon = await page.evaluate<number>('Date.now()') + 1000
    isPaused = await page.clock.pauseAt(soon).then(() => true, (error: Error) => {
      if (!error.message.includes('to the past')) throw error
      return false
    })
  }
}

/** Reads until the value is as expected, and compares what it is in the end. */
export async function becomes<T> (t: Test, read: () => T | Promise<T>, expected: T, message = 'it becomes as expected'): Promise<void> {
  const end = Date.now() + PATIENCE
  let found = await read()
  while (JSON.stringify(found) !== JSON.stringify(expected) && Date.now() < end) {
    await sleep(50)
    found = await read()
  }
  t.same(found, expected, message)
}

/** The texts of the elements that a locator finds, each in one line. */
export async function textsOf (found: Locator): Promise<string[]> {
  return (await found.allInnerTexts()).map(text => text.replace(/\s+/g, ' ').trim())
}

/** The IDs of the requests that are drawn. */
export function idsOf ({ page }: Pick<Opened, 'page'>): Promise<string[]> {
  return page.locator('.row').evaluateAll<string[], { id: string }>(rows => rows.map(({ id }) => id.slice('row-'.length)))
}

/** Makes requests and adds faults, so that every view has something to show. */
export async function furnish ({ emulator, control }: Pick<Opened, 'emulator' | 'control'>): Promise<void> {
  await emulator.change({ ...CHANGE, extra: 1 }, { 'content-type': 'text/plain' })
  await emulator.change({ ...CHANGE, plan_id: 6 })
  await emulator.change({ ...CHANGE, plan_id: 3 })
  await control.fail({ kind: 'http_error', times: 1 })
  await emulator.change(CHANGE).catch(() => {})
  await control.fail({ kind: 'hang', plan_id: 9, account: 'demo', times: 3 })
}

/** Waits until a view of the account `demo` in a furnished world shows everything. */
export async function waitForFurnished ({ page }: Pick<Opened, 'page'>, view: typeof VIEWS[number]): Promise<void> {
  await page.locator(FURNISHED[view]).first().waitFor()
}

/** What a view shows last. */
const FURNISHED = {
  overview: '.card tbody tr',
  requests: '.row',
  money: '.plot[aria-label*="3 bookings"][aria-label*="1 refusal"]',
  faults: '.active-faults li',
  try: '#try-body',
  sweep: '.sweep',
  case: '.case',
  files: '.files'
}
