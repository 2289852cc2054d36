/**
 * Makes something happen during a delay, however long a busy machine takes for it: `attempt` gets how often longer the delay is to be, and
 * gives nothing if the delay was over first. It is then tried again with a longer one.
 */
export async function overtaken<Result> (attempt: (times: number) => Promise<Result | undefined>, times = 1): Promise<Result> {
  return await attempt(times) ?? await overtaken(attempt, 4 * times)
}
