// A client as it runs in production: nothing in it is for the emulator.
const response = await fetch('https://pickyassist.com/app/api/v2/pm/change-billing', {
  method: 'POST',
  body: JSON.stringify({ token: '132321343dsfsdf', project_id: 5786, service: 1, plan_id: 2 })
})
const answer = await response.json()
console.log(answer)
if (answer.status !== 100) process.exitCode = 1
