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
  let read = 0
  const events: Array<{ readonly event: string, readonly account: string | null, readonly data: JournalEntry }> = []
  response.on('data', chunk => {
    text += chunk
    for (let end = text.indexOf('\n\n', read); end !== -1; end = text.indexOf('\n\n', read)) {
      const [, event, data] = /^event: (.*)\ndata: (.*)$/.exec(text.slice(read, end)) ?? []
      if (event !== undefined) events.push({ event, ...JSON.parse(data!) as { account: string | null, data: JournalEntry } })
      read = end + 2
    }
  }).on('error', () => {})
  await until(() => text !== '')
  return { response, text: () => text, events: () => events }
}
