import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { chromium, type Browser, type BrowserContextOptions, type Locator, type Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { connect, type RemoteEmulator } from '../../src/client/connect.js'
import type { StartOptions } from '../../src/server/options.js'
import { emulate } from './emulator.js'

const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome']

/** The browser that the environment variable CHROMIUM names, else the first of its usual names on the PATH. */
const program = process.env.CHROMIUM || PROGRAMS.flatMap(name => process.env.PATH!.split(delimiter).map(folder => join(folder, name))).find(existsSync)

if (program !== undefined && !existsSync(new URL('../../dist/console/', import.meta.url))) throw new Error('dist/console is missing; these tests look at what is built: npm run build')

/** For a test's option of the same name. */
export const skip = program === undefined ? 'no browser is found: install the package chromium, or name one in the environment variable CHROMIUM' : false

const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']

let launched: Promise<Browser> | undefined
// A file that shares its process with others is a subtest of all that the process runs.
const all = (t.parent ?? t) as Test
all.teardown(async () => { await (await launched)?.close() })

/** The browser of this process's tests, which is started when it is first asked for. */
async function browser (): Promise<Browser> {
  launched ??= chromium.launch({ executablePath: program!, args: FLAGS })
  return await launched
}

/** The world of most tests: two accounts, and a clock that stands still. */
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
  /** Goes to an address of the console, and waits until it shows the world. */
  readonly open: (path?: string) => Promise<void>
  /** Another page like this one, as another window of another person would be. */
  readonly openAnother: (options?: BrowserContextOptions) => Promise<Page>
}

interface Given {
  readonly start?: StartOptions
  readonly context?: BrowserContextOptions
  /** Does not wait until the world is shown. */
  readonly isLocked?: boolean
}

/**
 * A test of the console in a real browser, on an emulator of its own. It fails on any error that the page makes or the
 * browser tells of, on what the content security policy refuses, and on a request to another place.
 */
export function inBrowser (name: string, { start = {}, context = {}, isLocked = false }: Given, run: (t: Test, opened: Opened) => Promise<void>): void {
  t.test(name, { skip }, async t => {
    const emulator = await emulate(t, { scenario: WORLD, ...start })
    const wrong: string[] = []
    const openAnother = async (options: BrowserContextOptions = {}): Promise<Page> => {
      const opened = await (await browser()).newContext({ viewport: { width: 1280, height: 860 }, ...context, ...options })
      opened.setDefaultTimeout(5000)
      t.teardown(() => opened.close())
      const page = await opened.newPage()
      watch(page, emulator.url, wrong)
      return page
    }
    const page = await openAnother()
    const open = async (path = '/'): Promise<void> => {
      await page.goto(emulator.url + path)
      await page.getByText('live', { exact: true }).waitFor()
      await page.locator('.time .now time').waitFor()
    }
    if (!isLocked) await open()
    const { adminToken } = start
    await run(t, { page, emulator, control: connect(emulator.url, { ...adminToken !== undefined && { adminToken } }), open, openAnother })
    t.same(wrong, [], 'the browser has nothing to complain of')
  })
}

function watch (page: Page, origin: string, wrong: string[]): void {
  page.on('pageerror', error => { wrong.push(`an error: ${error.message}`) })
  page.on('console', message => {
    if (!['error', 'warning'].includes(message.type())) return
    // The browser tells of every answer that refuses something, and of those that do not come: that is what is tested here.
    const isAnswer = message.text().startsWith('Failed to load resource')
    const isOfItsFiles = message.text().includes('status of') && new URL(message.location().url).pathname.startsWith('/__console')
    if (!isAnswer || isOfItsFiles) wrong.push(`${message.type()}: ${message.text()}`)
  })
  page.on('request', request => {
    const url = new URL(request.url())
    if (url.origin !== origin && !['data:', 'blob:'].includes(url.protocol)) wrong.push(`a request to ${request.url()}`)
  })
}

/** Reads until it is as expected; what it has become after five seconds is compared. */
export async function becomes<T> (t: Test, read: () => T | Promise<T>, expected: T, message = 'it becomes so'): Promise<void> {
  const end = Date.now() + 5000
  let found = await read()
  while (JSON.stringify(found) !== JSON.stringify(expected) && Date.now() < end) {
    await sleep(25)
    found = await read()
  }
  t.same(found, expected, message)
}

/** The texts of what a locator finds, in one line each. */
export async function textsOf (found: Locator): Promise<string[]> {
  return (await found.allInnerTexts()).map(text => text.replace(/\s+/g, ' ').trim())
}
