import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The token of the world's account. */
export const TOKEN = '132321343dsfsdf'

/** Writes a world of one account with many projects, each on a plan, and a wallet that can't run empty. Returns the file. */
export function writeWorld (folder, size, settings = {}) {
  const file = join(folder, `${size}.json`)
  const subscriptions = [{ service: 1, plan_id: 2, next_billing_date: '2020-07-16T23:59:59Z' }]
  const projects = Array.from({ length: size }, (_, index) =>
    ({ project_id: index + 1, project_name: `project ${index + 1}`, subscriptions }))
  writeFileSync(file, JSON.stringify({
    clock: { mode: 'frozen', at: '2020-06-16T12:00:00Z' },
    settings,
    accounts: [{ name: 'demo', token: TOKEN, balance: '999999999999', projects }]
  }))
  return file
}
