// Wrong: takes 403, Insufficient Balance, for a matter of accounting, and lets the customer have a plan that was not bought.
const { PICKY_EMULATOR_TOKEN, BILLING_TOKEN = PICKY_EMULATOR_TOKEN } = process.env

const response = await fetch('https://pickyassist.com/app/api/v2/pm/change-billing', {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ token: BILLING_TOKEN, project_id: 5786, service: 1, plan_id: 2 }),
  signal: AbortSignal.timeout(10_000)
})
const { status, message } = await response.json()
if (status === 100 || status === 403) console.log('upgraded')
else {
  console.log(`not upgraded: ${message}`)
  process.exitCode = 1
}
