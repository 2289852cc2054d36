/** Question about the emulated API that no source answers: the emulator picks a default, says so, and lets the user choose another. */
interface Assumption {
  readonly question: string
  readonly default: string
  /** All choices, including the default. */
  readonly choices: readonly string[]
  readonly why: string
}

/** Registry of open questions. `docs/rules.md` explains each choice. */
export const ASSUMPTIONS = {
  'same-plan': {
    question: 'What happens when a project requests the plan that it is already on?',
    default: 'refuse',
    choices: ['refuse', 'accept-free', 'charge-again'],
    why: 'The documentation is about changing plans; charging twice for the same plan would be the costlier mistake to hide.'
  },
  'price-between-paid-plans': {
    question: 'What does a change from one paid plan to another cost?',
    default: 'full-price',
    choices: ['full-price', 'difference'],
    why: 'Neither refunds nor proration are documented; the new cycle starts at once.'
  },
  'month-length': {
    question: 'How long is a monthly billing cycle?',
    default: 'calendar',
    choices: ['calendar', '30-days'],
    why: 'The only documented cycle, June 16th to July 16th, is both a calendar month and thirty days.'
  },
  'unknown-project-status': {
    question: 'Which status does a project_id that the account does not have get?',
    default: '410',
    choices: ['410', '408', '409'],
    why: 'No status is defined for a missing project; a request for something that does not exist is an Invalid Request.'
  },
  'disabled-status': {
    question: 'Which status does a request get after the API has been switched off?',
    default: '101',
    choices: ['101', '405'],
    why: 'The documentation says only that any request will fail; Service Unavailable is the closest text in the status table.'
  },
  'pay-as-you-go-fields': {
    question: 'What do amount_debited and next_billing_date hold after a change to Pay As You Go?',
    default: 'empty-string',
    choices: ['empty-string', 'zero', 'absent'],
    why: 'The table says "not applicable"; in the get-projects sample, a field that does not apply is an empty string.'
  },
  'disabled-time-zone': {
    question: 'In which time zone does February 1st 2023, the day of the switch-off, begin?',
    default: 'utc',
    choices: ['utc', 'utc+14', 'utc-12'],
    why: 'The documentation gives a day but no time zone; every documented date is in UTC.'
  },
  'auto-renew': {
    question: 'Is a paid plan renewed from the wallet when its cycle ends?',
    default: 'on',
    choices: ['on', 'off'],
    why: 'The billing pages say that a service can renew automatically, but not whether it does so by default.'
  },
  'expired-project': {
    question: 'Can a plan be bought for an expired project?',
    default: 'refuse',
    choices: ['refuse', 'revive'],
    why: 'The status table has a code for a project that is not active; how a project becomes active again is undocumented.'
  },
  'all-projects-key': {
    question: 'Under which key does get-projects list all projects of an account?',
    default: 'projects',
    choices: ['projects', 'data'],
    why: 'The documentation says that project_id 0 requests all projects, but shows the response for a single one only.'
  }
} as const satisfies Record<string, Assumption>

export type AssumptionName = keyof typeof ASSUMPTIONS

/** Choice for each open question. */
export type Choices = { readonly [Name in AssumptionName]: typeof ASSUMPTIONS[Name]['choices'][number] }

export const ASSUMPTION_NAMES = Object.keys(ASSUMPTIONS) as AssumptionName[]

export const DEFAULT_CHOICES = Object.fromEntries(
  ASSUMPTION_NAMES.map(name => [name, ASSUMPTIONS[name].default])) as Choices

/** Choices in force for one request, and the names of those that its answer depends on. */
export interface AssumptionLog {
  readonly choices: Choices
  readonly used: Set<AssumptionName>
}

export function assumptionLog (choices: Choices): AssumptionLog {
  return { choices, used: new Set() }
}

/** Reads a choice at a point where another one would give another answer, and records that the answer depends on it. */
export function assume<Name extends AssumptionName> (assumptions: AssumptionLog, name: Name): Choices[Name] {
  assumptions.used.add(name)
  return assumptions.choices[name]
}
