/** Symbols of an environment; an older one has none for `await using`. */
interface Symbols {
  readonly asyncDispose?: typeof Symbol.asyncDispose
  readonly for: (name: string) => symbol
}

/**
 * Gives the symbol that `await using` looks for. Where the environment has none, as in Node.js before 20.5, and in a `vm` context before
 * Node.js 24 (Vitest's pools `vmThreads` and `vmForks`), it is the one that compilers agree on (Babel, esbuild, oxc).
 */
export function asyncDisposeOf (symbols: Symbols): typeof Symbol.asyncDispose {
  return symbols.asyncDispose ?? symbols.for('Symbol.asyncDispose') as typeof Symbol.asyncDispose
}

/** Symbol of the environment in which this is loaded. */
export const asyncDispose: typeof Symbol.asyncDispose = asyncDisposeOf(Symbol)
