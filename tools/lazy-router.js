import { readFileSync } from 'node:fs'

/**
 * Code of Fastify's router that compiles functions for each route and each part of a path as they are added, 400 of them at each start of an
 * emulator. In the bundle, parts of paths are compared without, and the others are compiled when a request first needs them.
 */
const REPLACED = {
  'node.js': [['LONG_PREFIX_MIN_LENGTH = 16', 'LONG_PREFIX_MIN_LENGTH = 2']],
  'handler-storage.js': [
    ['_createParamsObject: this._compileCreateParamsObject(params)', `_createParamsObject: (...values) => {
        handlerObject._createParamsObject = this._compileCreateParamsObject(params)
        return handlerObject._createParamsObject(...values)
      }`],
    ['this._compileGetHandlerMatchingConstraints(constrainer, constraints)', `this._getHandlerMatchingConstraints = derivedConstraints => {
        this._compileGetHandlerMatchingConstraints(constrainer, constraints)
        return this._getHandlerMatchingConstraints(derivedConstraints)
      }`]
  ]
}

/** Plugin for esbuild. The build fails where the router is no longer as it was. */
export const lazyRouter = {
  name: 'lazy-router',
  setup ({ onLoad }) {
    onLoad({ filter: /\/find-my-way\/lib\/(?:node|handler-storage)\.js$/ }, ({ path }) => {
      const replaced = REPLACED[path.slice(path.lastIndexOf('/') + 1)]
      return { contents: replaced.reduce((source, [from, to]) => replaceOnce(source, from, to, path), readFileSync(path, 'utf8')) }
    })
  }
}

function replaceOnce (source, from, to, path) {
  const [before, after, more] = source.split(from)
  if (after === undefined || more !== undefined) throw new Error(`${path} no longer has once: ${from}`)
  return before + to + after
}
