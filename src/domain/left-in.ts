import { restingAlsoOn, type AssumptionLog, type AssumptionName, type RestsOn } from './assumptions.js'

/** Part of the state that keeps the names of the assumptions which made it what it is. */
type Part = 'wallet' | 'subscription' | 'status'

/** Parts that show a choice after the request that it decided. The other choices only word the answer, or decide on no money. */
const PARTS: Partial<Record<AssumptionName, readonly Part[]>> = {
  'same-plan': ['wallet', 'subscription'],
  'price-between-paid-plans': ['wallet'],
  'month-length': ['subscription'],
  'disabled-time-zone': ['wallet', 'subscription'],
  'expired-project': ['wallet', 'subscription', 'status'],
  'pay-as-you-go-service': ['subscription'],
  'plan-prices': ['wallet']
}

/** Names what a part of the state rests on once a request has written it: the choices that decided the request. */
export function leftIn (part: Part, { used }: AssumptionLog): RestsOn | undefined {
  return restingAlsoOn(undefined, used.filter(name => PARTS[name]?.includes(part)))
}
