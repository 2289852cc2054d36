/** Question about the emulated API that no source answers: the emulator picks a default, says so, and lets the user choose another. */
interface OpenQuestion {
  readonly question: string
  readonly default: string
  /** All choices, including the default. */
  readonly choices: readonly string[]
  readonly why: string
}

/** Open questions with more than one plausible answer. `docs/rules.md` explains each choice. */
export const OPEN_QUESTIONS = {
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
  },
  'billing-anchor': {
    question: 'On which day does a cycle end after one that a short month cut?',
    default: 'drifts',
    choices: ['drifts', 'keeps-day'],
    why: 'No sample shows a cycle from the end of a month; each cycle begins where the previous one ended.'
  },
  'unpaid-service': {
    question: 'What happens to a project when only one of its services can\'t be renewed?',
    default: 'expires-project',
    choices: ['expires-project', 'falls-back'],
    why: 'The status belongs to the project, and the billing pages speak of a plan that expires, not of a service.'
  },
  'renewal-after-switch-off': {
    question: 'Are plans still renewed after the API has been switched off?',
    default: 'continues',
    choices: ['continues', 'stops'],
    why: 'The documentation switches off the API, not the plans that were bought through it.'
  },
  deletion: {
    question: 'Which status does a project have 14 days after it has expired?',
    default: 'after-14-days',
    choices: ['after-14-days', 'never'],
    why: 'Its data is deleted then (documented); that its status becomes Delete is the nearest reading.'
  },
  'deleted-project': {
    question: 'Does the API still know a project with the status Delete?',
    default: 'shown',
    choices: ['shown', 'gone'],
    why: 'The status would have no use if such a project were never shown.'
  },
  'inactive-project': {
    question: 'Can tokens and webhooks of a project that is not active be changed?',
    default: 'refuse',
    choices: ['refuse', 'allow'],
    why: 'The status table has a code for a project that is not active, without saying for which requests.'
  },
  'shown-service': {
    question: 'Which service does a project with both services show?',
    default: 'first',
    choices: ['first', 'last'],
    why: 'An answer has room for one service, and projects are created for the first.'
  },
  'token-without-address': {
    question: 'Which token does create-project create if no address is named?',
    default: 'any-address',
    choices: ['any-address', 'no-token'],
    why: 'generate_api_token asks for a token, and token_ip_address is not marked as required.'
  },
  'check-balance-switch-off': {
    question: 'Is check-balance switched off together with the Project Management API?',
    default: 'disabled',
    choices: ['disabled', 'enabled'],
    why: 'It belongs to the Account API, of which no switch-off is documented; here it serves clients of the other one.'
  },
  'pay-as-you-go-service': {
    question: 'To which services does Pay As You Go belong?',
    default: 'both',
    choices: ['both', 'phone-automation'],
    why: 'The plan table names a service for every other plan, and a project needs a plan to come from.'
  }
} as const satisfies Record<string, OpenQuestion>
