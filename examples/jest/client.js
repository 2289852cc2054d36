/** Puts a project on a plan of Phone Automation. Tries once more when the connection breaks. */
exports.upgrade = async function upgrade (baseUrl, token, projectId, planId) {
  const send = () => fetch(`${baseUrl}/app/api/v2/pm/change-billing`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token, project_id: projectId, service: 1, plan_id: planId })
  })
  const response = await send().catch(send)
  const { status, message, ...answer } = await response.json()
  if (status !== 100) throw Object.assign(new Error(message), { status })
  return answer
}
