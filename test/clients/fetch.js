const response = await fetch(`${process.argv[2]}/app/api/v2/pm/change-billing`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ token: '132321343dsfsdf', project_id: 5786, service: 1, plan_id: 2 })
})
process.stdout.write(await response.text())
