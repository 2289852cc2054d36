/** Assumption without a plausible alternative. It has a name so that it can be asked for, and may get choices without a new one. */
export interface SoleReading<Choice extends string> {
  readonly question: string
  readonly default: Choice
  readonly choices: readonly [Choice]
  readonly why: string
  /** Setting that takes the place of a choice. */
  readonly otherwise?: string
}

function sole<const Choice extends string> (question: string, choice: Choice, why: string, otherwise?: string): SoleReading<Choice> {
  return { question, default: choice, choices: [choice], why, ...otherwise !== undefined && { otherwise } }
}

/**
 * Assumptions with a single choice. Answers name one only if a setting can change it (`otherwise`): an answer that could not be
 * any other depends on nothing that its reader could choose.
 */
export const SOLE_READINGS = {
  'plan-prices': sole('What do plans 3 to 9 cost?', 'bundled',
    'The vendor published no price list; the only documented price is that of plan 2.', 'rows of the plan table: --plans FILE'),
  'set-webhook-endpoint': sole('Where is set-webhook served, and with which fields?', 'like-its-siblings',
    'The vendor\'s menu names the page; its path and its fields were not found.', '--path set-webhook=PATH'),
  'fetch-balance-endpoint': sole('Where is fetch-balance served, and what does it answer?', 'like-check-balance',
    'The vendor\'s menu names the page; its path and its fields were not found.', '--path fetch-balance=PATH'),
  'refusal-status': sole('Which status does each broken rule get?', 'nearest-text',
    'The status table is observed; which failure has which status is not.'),
  'project-statuses': sole('When is a project Active, Expired or Delete?', 'by-payment',
    'The three words are documented without their meaning; the billing pages speak of plans that expire and of data that is deleted.'),
  'project-without-plan': sole('Which plan is a project on before it has chosen one?', 'pay-as-you-go',
    'It is the only plan without a price.'),
  cancellation: sole('When does a change to Pay As You Go take effect?', 'at-once',
    'The billing pages let a cancelled service run to the end of its cycle; no page says that a change of plan cancels one.'),
  'renewal-order': sole('Which of two projects due at the same instant is renewed first?', 'lowest-project-id',
    'It matters only to a wallet that covers one of them.'),
  'create-project-fields': sole('Which fields does create-project require?', 'none-but-token',
    'No field is marked as required.'),
  'create-project-keys': sole('Where does billing_plan stand in the answer of create-project?', 'after-service',
    'The table lists it, and the sample, which gives the order of the other keys, does not.'),
  'qr-code-url': sole('Where does the URL in qr_code_base64 lead?', 'nowhere',
    'A client must not call a real host by following it.'),
  'deleted-tokens': sole('Are deleted API tokens still shown?', 'hidden',
    'A deleted token can be neither used nor enabled again.'),
  'empty-ip-whitelist': sole('What does create-api-token do without an address?', 'refuse',
    'It creates one token for each address.'),
  'repeated-token-action': sole('What happens when a token is disabled or enabled twice?', 'nothing',
    'The documentation names no failure for it.')
} as const
