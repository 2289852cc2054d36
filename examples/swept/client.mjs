/** Puts a project on a plan of Phone Automation, at the vendor's address. Tries once more when the connection breaks. */
export async function upgrade (token, projectId, planId) {
  const send = () => fetch('https://pickyassist.com/app/api/v2/pm/change-billing', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token, project_id: projectId, service: 1, plan_id: planId })
  })
  const response = await send().catch(send)
  if (!response.ok) throw new Error(`HTTP ${response.status}`)
  const { status, message } = await response.json()
  if (status !== 100) throw Object.assign(new Error(message), { status })
}
