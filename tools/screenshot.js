// Takes the README's picture of the console with Chromium. Run npm run build first, then node tools/screenshot.js.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chromium } from 'playwright-core'

const PORT = 4299
const URL = `http://localhost:${PORT}`

const emulator = spawn(process.execPath, ['dist/cli.js', '--port', PORT, '--clock', 'frozen:2020-06-16T12:00:00Z', '--log-level', 'silent'])
process.on('exit', () => emulator.kill())
await once(emulator.stdout, 'data')

const headers = { 'content-type': 'application/json' }
const post = (path, body) => fetch(URL + path, { method: 'POST', headers, body: JSON.stringify(body) }).catch(() => {})
const ask = (endpoint, fields) => post(`/app/api/v2/${endpoint}`, { token: '132321343dsfsdf', ...fields })
const control = (path, body) => post(`/__admin/accounts/demo${path}`, body)

// A year of a customer, which the picture shows.
await ask('pm/change-billing', { project_id: 5786, service: 1, plan_id: 2 })
await ask('pm/create-project', { project_name: 'second shop', country: 'IN', time_zone: 'Asia/Kolkata', billing_plan: 3 })
await control('/clock/advance', { by: 'P3M' })
await ask('pm/change-billing', { project_id: '5786', service: 1, plan_id: 5 })
await control('/clock/advance', { by: 'P1M' })
await control('/wallet', { credit: '60' })
await ask('pm/change-billing', { project_id: 5787, service: 1, plan_id: 6 })
await ask('pm/change-billing', { project_id: 5786, service: 1, plan_id: 5 })
await control('/clock/advance', { by: 'P2M' })
await control('/faults', { kind: 'connection_reset', when: 'after', times: 1 })
await ask('pm/change-billing', { project_id: 5786, service: 1, plan_id: 2 })
await ask('pm/get-projects', { project_id: 0 })

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu']
})
const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme: 'light' })
await page.goto(`${URL}/?view=money&account=demo`)
// The chart is drawn again as the ledger and the refusals arrive.
await page.waitForSelector('.plot[aria-label*="1 refusal,"] canvas')
await page.evaluate('new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)))')
await page.screenshot({ path: 'docs/console.png' })
await browser.close()
process.exit()
