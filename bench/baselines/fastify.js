// Baseline for HTTP: every request gets the documented answer.
import { serve } from './app.js'

const ANSWER = {
  status: 100,
  message: 'Success',
  old_billing_plan: '1',
  new_billing_plan: 2,
  amount_debited: '5',
  next_billing_date: '2020-07-16T23:59:59+00:00'
}

await serve(() => ANSWER)
