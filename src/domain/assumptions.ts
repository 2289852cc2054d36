/** A question about the emulated API that no source answers: the emulator chooses, says so, and lets the user choose otherwise. */
interface Assumption {
  readonly question: string
  readonly default: string
  /** Every choice there is, the default among them. */
  readonly choices: readonly string[]
  readonly why: string
}

/** The registry of open questions. `docs/rules.md` explains each choice. */
export const ASSUMPTIONS = {
  'same-plan': {
    question: 'What happens when a project asks for the plan that it is on already?',
    default: 'refuse',
    choices: ['refuse', 'accept-free', 'charge-again'],
    why: 'The page speaks of changing a plan; charging twice for the same plan is the costlier mistake to hide.'
  },
  'price-between-paid-plans': {
    question: 'What does a change from one paid plan to another cost?',
    default: 'full-price',
    choices: ['full-price', 'difference'],
    why: 'No refund is documented and no part payment is mentioned anywhere; the new cycle starts at once.'
  },
  'month-length': {
    question: 'How long is a billing cycle of a month?',
    default: 'calendar',
    choices: ['calendar', '30-days'],
    why: 'June 16th to July 16th, the only documented cycle, is both a calendar month and thirty days.'
  },
  'unknown-project-status': {
    question: 'Which status answers a project_id that the account does not have?',
    default: '410',
    choices: ['410', '408', '409'],
    why: 'No status names a missing project; the request names something that is not there, which is Invalid Request.'
  },
  'disabled-status': {
    question: 'Which status answers a request after the API has been switched off?',
    default: '101',
    choices: ['101', '405'],
    why: 'The documentation says only that any request will fail; Service Unavailable is the nearest text in the table.'
  },
  'pay-as-you-go-fields': {
    question: 'What do amount_debited and next_billing_date hold after a change to Pay As You Go?',
    default: 'empty-string',
    choices: ['empty-string', 'zero', 'absent'],
    why: 'The table says "not applicable"; in the sample of get-projects a field that does not apply is an empty string.'
  },
  'disabled-time-zone': {
    question: 'At which instant does February 1st 2023, the day of the switch-off, begin?',
    default: 'utc',
    choices: ['utc', 'utc+14', 'utc-12'],
    why: 'The documentation names a day and no time zone; every documented date is in UTC.'
  },
  'auto-renew': {
    question: 'Does a paid plan renew itself from the wallet when its cycle ends?',
    default: 'on',
    choices: ['on', 'off'],
    why: 'The billing pages say that a service can renew itself; whether one does unasked they do not say.'
  },
  'expired-project': {
    question: 'Can a plan be bought for a project that has expired?',
    default: 'refuse',
    choices: ['refuse', 'revive'],
    why: 'The status table has a code for a project that is not active; how one becomes active again is described nowhere.'
  },
  'all-projects-key': {
    question: 'Under which key does get-projects list all projects of the account?',
    default: 'projects',
    choices: ['projects', 'data'],
    why: 'The page says that project_id 0 asks for all of them, and shows the answer for one only.'
  }
} as const satisfies Record<string, Assumption>

export type AssumptionName = keyof typeof ASSUMPTIONS

/** What was chosen for each open question. */
export type Choices = { readonly [Name in AssumptionName]: typeof ASSUMPTIONS[Name]['choices'][number] }

export const ASSUMPTION_NAMES = Object.keys(ASSUMPTIONS) as AssumptionName[]

export const DEFAULT_CHOICES = Object.fromEntries(
  ASSUMPTION_NAMES.map(name => [name, ASSUMPTIONS[name].default])) as Choices

/** The choices that one request is decided with, and the names of those that its answer came to rest on. */
export interface AssumptionLog {
  readonly choices: Choices
  readonly used: Set<AssumptionName>
}

export function assumptionLog (choices: Choices): AssumptionLog {
  return { choices, used: new Set() }
}

/** Takes a choice where another one would give another answer, and notes that the answer rests on it. */
export function assume<Name extends AssumptionName> (assumptions: AssumptionLog, name: Name): Choices[Name] {
  assumptions.used.add(name)
  return assumptions.choices[name]
}
