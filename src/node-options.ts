import { Problem } from './problem.js'

/**
 * Throws a `Problem` if the process runs with an option of Node.js under which no emulator can. What the option does is tried, as it may come
 * from the command line, from NODE_OPTIONS, or from what has started a worker.
 */
export function checkNodeOptions ({ Function, Error }: Pick<typeof globalThis, 'Function' | 'Error'> = globalThis): void {
  if (Object.isFrozen(Error)) throw optionProblem('--frozen-intrinsics', 'better-sqlite3 can\'t find its binary')
  try {
    // Fastify and TypeBox make functions of texts as well.
    Function('')
  } catch {
    throw optionProblem('--disallow-code-generation-from-strings', 'requests can\'t be routed and checked')
  }
}

/** Makes the `Problem` of an option of Node.js, which says what is impossible with it. */
export function optionProblem (option: string, impossible: string, remedy = 'leave it out'): Problem {
  return new Problem(`Node.js runs with ${option}, so that ${impossible}; ${remedy}, in NODE_OPTIONS as well`)
}
