const actions = new Set<() => void>()

/** One listener for all: Node warns of a leak where an emitter has many. */
function runAll (): void {
  for (const action of actions) action()
}

/** Runs an action when the process ends, which can't wait for it. Returns a function that cancels it. */
export function atExit (action: () => void): () => void {
  if (actions.size === 0) process.on('exit', runAll)
  actions.add(action)
  return () => {
    actions.delete(action)
    if (actions.size === 0) process.off('exit', runAll)
  }
}
