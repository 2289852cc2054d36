/** Wraps a function of one argument so that it keeps its last result: the same argument comes again and again. */
export function lastOf<Argument, Result> (compute: (argument: Argument) => Result): (argument: Argument) => Result {
  let last: { readonly argument: Argument, readonly result: Result } | undefined
  return argument => {
    if (last === undefined || last.argument !== argument) last = { argument, result: compute(argument) }
    return last.result
  }
}
