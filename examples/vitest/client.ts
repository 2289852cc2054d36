/** What the API has against a request. */
export class Refused extends Error {
  constructor (readonly status: number, message: string) {
    super(message)
  }
}

/** Puts a project on a plan of Phone Automation. Tries once more when the connection breaks. */
export async function upgrade (baseUrl: string, token: string, projectId: number, planId: number): Promise<object> {
  const send = (): Promise<Response> => fetch(`${baseUrl}/app/api/v2/pm/change-billing`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token, project_id: projectId, service: 1, plan_id: planId })
  })
  const response = await send().catch(send)
  const { status, message, ...answer } = await response.json() as { status: number, message: string }
  if (status !== 100) throw new Refused(status, message)
  return answer
}
