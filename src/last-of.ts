/** Caches the last result of a function of one argument, for calls that repeat the same argument. */
export function lastOf<Argument, Result> (compute: (argument: Argument) => Result): (argument: Argument) => Result {
  let last: { readonly argument: Argument, readonly result: Result } | undefined
  return argument => {
    if (last === undefined || last.argument !== argument) last = { argument, result: compute(argument) }
    return last.result
  }
}
