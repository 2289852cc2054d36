import { headerLines } from '../../src/journal/headers.js'
import type { Recorded } from '../../src/journal/record.js'
import { CHANGE_BILLING } from './emulator.js'

/** What a request may have been recorded as. */
export function recorded (more: Partial<Recorded> = {}): Recorded {
  return {
    id: '1-1',
    account: null,
    endpoint: 'change-billing',
    method: 'POST',
    url: CHANGE_BILLING,
    at: 0,
    emulatedAt: 0,
    disabledAt: Infinity,
    state: 'answered',
    durationMs: 1,
    headers: headerLines(['Content-Type', 'application/json']),
    body: '',
    answer: null,
    apiStatus: null,
    rule: null,
    assumptions: [],
    charged: false,
    booked: null,
    fault: null,
    ...more
  }
}
