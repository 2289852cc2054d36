// Wrong: compares `status` with a string, and it is a number. Every upgrade is paid, and reported as failed: there is no run without
// a fault that succeeds, so nothing can be compared with it.
const { PICKY_EMULATOR_TOKEN, BILLING_TOKEN = PICKY_EMULATOR_TOKEN } = process.env

const response = await fetch('https://pickyassist.com/app/api/v2/pm/change-billing', {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ token: BILLING_TOKEN, project_id: 5786, service: 1, plan_id: 2 }),
  signal: AbortSignal.timeout(10_000)
})
const { status, message } = await response.json()
if (status === '100') console.log('upgraded')
else {
  console.log(`not upgraded: ${message}`)
  process.exitCode = 1
}
