import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

const CLOCK = { mode: 'frozen', at: '2020-06-16T12:00:00Z' }
const SUBSCRIPTIONS = [{ service: 1, plan_id: 2, next_billing_date: '2020-07-16T23:59:59Z' }]

/** The token of the world's account. */
export const TOKEN = '132321343dsfsdf'

/** Writes a world of one account with many projects, each on a plan, and a wallet that can't run empty, and of other accounts. Returns the file. */
export function writeWorld (folder, size, settings = {}, others = []) {
  const file = join(folder, `${size}.json`)
  const projects = Array.from({ length: size }, (_, index) =>
    ({ project_id: index + 1, project_name: `project ${index + 1}`, subscriptions: SUBSCRIPTIONS }))
  writeFileSync(file, JSON.stringify({
    clock: CLOCK,
    settings,
    accounts: [{ name: 'demo', token: TOKEN, balance: '999999999999', projects }, ...others]
  }))
  return file
}

/** Gives many accounts, each with a project on a plan. */
export function manyAccounts (count) {
  return Array.from({ length: count }, (_, index) => ({
    name: `of-many-${index + 1}`, token: `token-of-many-${index + 1}`, balance: '100', projects: [{ project_id: 1, subscriptions: SUBSCRIPTIONS }]
  }))
}
