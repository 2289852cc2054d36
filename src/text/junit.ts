import { escapedMarkup } from './markup.js'

/** A test case of a suite in the JUnit format. */
export interface JunitCase {
  readonly classname: string
  readonly name: string
  readonly durationMs?: number
  /** Why there is no outcome. */
  readonly skipped?: string
  readonly failure?: { readonly type: string, readonly message: string, readonly text: string }
  /** Why it could not be tried at all. */
  readonly error?: { readonly type: string, readonly message: string }
  readonly output?: string
}

/** Test cases, as CI servers read them. */
export interface JunitSuite {
  readonly name: string
  /** Instant of the start, in ISO 8601. */
  readonly startedAt: string
  readonly durationMs: number
  readonly cases: readonly JunitCase[]
}

/** Writes test cases in the JUnit format. */
export function junitText ({ name, startedAt, durationMs, cases }: JunitSuite): string {
  const count = (what: 'skipped' | 'failure' | 'error'): number => cases.filter(one => one[what] !== undefined).length
  const totals = `tests="${cases.length}" failures="${count('failure')}" errors="${count('error')}" time="${secondsOf(durationMs)}"`
  const named = `name="${escapedMarkup(name)}"`
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${named} ${totals}>`,
    `  <testsuite ${named} ${totals} skipped="${count('skipped')}" timestamp="${escapedMarkup(startedAt.replace(/\.\d+Z$/, ''))}">`,
    ...cases.map(caseText),
    '  </testsuite>',
    '</testsuites>',
    ''
  ].join('\n')
}

function caseText ({ classname, name, durationMs, skipped, failure, error, output = '' }: JunitCase): string {
  const time = durationMs === undefined ? '' : ` time="${secondsOf(durationMs)}"`
  const inside = [
    ...skipped === undefined ? [] : [`<skipped message="${escapedMarkup(skipped)}"/>`],
    ...failure === undefined ? [] : [`<failure type="${failure.type}" message="${escapedMarkup(failure.message)}">${escapedMarkup(failure.text)}</failure>`],
    ...error === undefined ? [] : [`<error type="${error.type}" message="${escapedMarkup(error.message)}"/>`],
    ...output === '' ? [] : [`<system-out>${escapedMarkup(output)}</system-out>`]
  ]
  const head = `    <testcase classname="${escapedMarkup(classname)}" name="${escapedMarkup(name)}"${time}`
  return inside.length === 0 ? `${head}/>` : `${head}>${inside.map(part => `\n      ${part}`).join('')}\n    </testcase>`
}

function secondsOf (ms: number): string {
  return (ms / 1000).toFixed(3)
}
