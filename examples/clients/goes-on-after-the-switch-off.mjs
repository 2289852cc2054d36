// Wrong: takes 101, Service Unavailable, for an outage that will pass, puts the upgrade off and tells the customer that it is done. After
// the switch-off it never will be.
const { PICKY_EMULATOR_TOKEN, BILLING_TOKEN = PICKY_EMULATOR_TOKEN } = process.env

const response = await fetch('https://pickyassist.com/app/api/v2/pm/change-billing', {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ token: BILLING_TOKEN, project_id: 5786, service: 1, plan_id: 2 }),
  signal: AbortSignal.timeout(10_000)
})
const { status, message } = await response.json()
if (status === 100) console.log('upgraded')
else if (status === 101) console.log('upgraded (to be sent tonight)')
else {
  console.log(`not upgraded: ${message}`)
  process.exitCode = 1
}
