// Makes the documented call, and fails unless it gets the documented answer, byte for byte.
const url = `${process.env.PICKY_ASSIST_API}/pm/change-billing`
const request = { token: '132321343dsfsdf', project_id: 5786, service: 1, plan_id: 2 }
const documented = '{"status":100,"message":"Success","old_billing_plan":"1","new_billing_plan":2,"amount_debited":"5","next_billing_date":"2020-07-16T23:59:59+00:00"}'

// The volume keeps the plan that an earlier run has bought, and the plan that a project is on is refused. So it goes back
// to Pay As You Go first, which is free; on the first run it is there already, and to be refused that does no harm.
await post({ ...request, plan_id: 1 })
const answer = await post(request)

console.log(answer)
if (answer !== documented) {
  console.error(`That is not the documented answer:\n${documented}`)
  process.exitCode = 1
}

async function post (body) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(10_000)
  })
  return await response.text()
}
