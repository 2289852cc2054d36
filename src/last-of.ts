/** Caches the last result of a function of one argument, for calls that repeat the same argument. */
export function lastOf<Argument, Result> (compute: (argument: Argument) => Result): (argument: Argument) => Result {
  let last: { readonly argument: Argument, readonly result: Result } | undefined
  return argument => {
    if (last === undefined || last.argument !== argument) last = { argument, result: compute(argument) }
    return last.result
  }
}

/** Gives the text before in place of an equal one, so that memory holds it once however often it is kept. */
export function sharedText (): (text: string) => string {
  let last = ''
  return text => {
    if (text !== last) last = text
    return last
  }
}

/** Number of results to cache: then all are dropped, because it costs more to keep a list of the oldest than to compute them again. */
const MAX_RESULTS = 1000

/** Caches the results of a function of one argument that depends on nothing else, for many arguments. */
export function resultsOf<Argument extends string | number, Result> (compute: (argument: Argument) => Result): (argument: Argument) => Result {
  const results = new Map<Argument, Result>()
  return argument => {
    let result = results.get(argument)
    if (result !== undefined) return result
    if (results.size === MAX_RESULTS) results.clear()
    results.set(argument, result = compute(argument))
    return result
  }
}
