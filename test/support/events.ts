import { request as httpRequest, type IncomingMessage } from 'node:http'
import type { Test } from 'tap'
import type { JournalEntry } from '../../src/contract/journal-entry.js'
import { until } from './until.js'

/** Listens to server-sent events. */
export async function listenTo (t: Test, url: string, query = '', headers: Readonly<Record<string, string>> = {}) {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const asked = httpRequest(`${url}/__admin/events${query}`, { headers }, resolve).on('error', reject).end()
    t.teardown(() => asked.destroy())
  })
  let text = ''
  response.on('data', chunk => { text += chunk }).on('error', () => {})
  const events = () => text.split('\n\n').slice(0, -1).filter(block => block.startsWith('event: ')).map(block => {
    const [, event, data] = /^event: (.*)\ndata: (.*)$/.exec(block)!
    return { event: event!, ...JSON.parse(data!) as { account: string | null, data: JournalEntry } }
  })
  await until(() => text !== '')
  return { response, text: () => text, events }
}
