import type { TObject } from '@sinclair/typebox'
import { Problem } from '../problem.js'
import { nearest } from '../text/nearest.js'
import { collectIssues } from './issues.js'

/**
 * Checks options that a program gives by their schema, or throws a `Problem` that names the wrong one: an option that is misspelt or means
 * nothing would otherwise do nothing, without a word.
 */
export function checkOptions (schema: TObject, options: object, nameOf: (option: string) => string = name => `the option ${name}`): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    collectIssues('the argument for the options').refuse(options, 'an object')
  }
  refuseOther(options, 'the argument for the options', 'an object')
  const names = Object.keys(schema.properties)
  const unknown = Object.keys(options).find(name => !names.includes(name))
  if (unknown !== undefined) {
    const meant = nearest(unknown, names)
    throw new Problem(`there is no option ${unknown}${meant === undefined ? '' : `; did you mean ${meant}?`}`)
  }
  for (const [name, part] of Object.entries(schema.properties)) {
    const given = (options as Readonly<Record<string, unknown>>)[name]
    if (given === undefined) continue
    // What an AbortSignal must have tells it apart.
    if (part.required === undefined) refuseOther(given, nameOf(name), String(part.description))
    collectIssues(nameOf(name)).check(part, given)
  }
}

/**
 * Refuses objects that have something else than keys, such as a promise that was not awaited or the URL of a file: with no key that could be
 * wrong, each would be taken for an object in which all is left out.
 */
function refuseOther (given: unknown, what: string, expected: string): void {
  const tag = Object.prototype.toString.call(given).slice('[object '.length, -1)
  if (typeof given !== 'object' || given === null || tag === 'Object' || tag === 'Array' || Object.keys(given).length > 0) return
  throw new Problem(`${what} is wrong: found ${/^[AEIO]/.test(tag) ? 'an' : 'a'} ${tag}, expected ${expected}`)
}
