import { compareBooks, isPurchase, totalOf } from '../domain/account-books.js'
import { steadyIn, withoutDrawn, type Steady } from '../domain/drawn.js'
import { usd } from '../domain/money.js'
import { unmatched } from '../domain/unmatched.js'
import { differenceText } from '../domain/verdict.js'
import { Problem } from '../problem.js'
import { UNVARIED, type Observation, type Runner } from './observation.js'

/** There is nothing to compare runs with: the command fails by itself, calls nothing, or does something else each time. */
export class NoReference extends Problem {}

/**
 * Runs a command without a fault, several times; gives the first run, and what all of them have of names and details. Calls that came in
 * another order each time are sorted. Throws `NoReference` if the command failed, or if the runs differ.
 */
export async function referenceOf (run: Runner, repeat: number, signal: AbortSignal): Promise<{ readonly first: Observation, readonly steady: Steady }> {
  const first = await run(UNVARIED, signal)
  if (first.ending !== 'success') throw new NoReference(`there is no reference: without a fault, ${endText(first)}${chargedText(first)}${outputText(first)}`)
  if (first.calls.length === 0) {
    throw new NoReference('there is no reference: the command succeeded without a call to an endpoint of pickyassist.com that reached the emulator; ' +
      'docs/unchanged-client.md lists the clients that it reaches; one that starts an emulator of its own calls that; run --log-level info shows requests to other paths, too')
  }
  if (first.totalCalls > first.calls.length) {
    throw new NoReference(`there is no reference: the command made ${first.totalCalls} calls; at most ${first.calls.length} can be swept`)
  }
  let isOrdered = true
  let steady = steadyIn([first.books])
  for (let number = 2; number <= repeat; number++) {
    const other = await run(UNVARIED, signal)
    isOrdered &&= other.calls.map(callText).join() === first.calls.map(callText).join()
    const shared = steadyIn([first.books, other.books])
    const difference = differenceBetween(first, other, shared)
    if (difference !== null) throw new NoReference(`there is no reference: run ${number} without a fault differs from the first: ${difference}`)
    // Of each run, no more is kept than that.
    steady = new Set([...steady].filter(text => shared.has(text)))
  }
  const calls = isOrdered ? first.calls : first.calls.toSorted((a, b) => callText(a).localeCompare(callText(b), 'en'))
  return { first: { ...first, calls }, steady }
}

/** Says how a run ended. */
export function endText ({ ending, exitCode, signal, durationMs }: Pick<Observation, 'ending' | 'exitCode' | 'signal' | 'durationMs'>): string {
  switch (ending) {
    case 'success': return exitCode === null ? 'the function succeeded' : 'the command succeeded'
    case 'failure': return exitCode === null ? 'the function threw' : `the command failed with exit code ${exitCode}`
    case 'timeout': return `there was no end within ${durationMs < 1000 ? `${Math.round(durationMs)} ms` : `${Math.round(durationMs / 1000)} s`}`
    case 'signal': return `${signal} ended the command`
  }
}

/** Tells of money that was booked by a command that failed: it may have misread the answer. */
function chargedText (observation: Observation): string {
  const mills = chargedIn(observation)
  return mills === 0 ? '' : `, although ${usd(mills)} USD had been booked`
}

function outputText ({ output }: Observation): string {
  const said = tellingLine(output)
  return said === '' ? '' : `; it said ${JSON.stringify(said.slice(0, 300))}`
}

/** Gives the last line of an output that tells of an error, or else the last one: stacks and summaries of test runners come behind it. */
function tellingLine (output: string): string {
  const lines = output.split('\n').map(line => line.trim()).filter(line => line !== '')
  return lines.findLast(line => /error\b|exception|not ok/i.test(line) && !/^(?:at |# |\u2139 )/.test(line)) ?? lines.at(-1) ?? ''
}

/** Says how two runs without a fault differ, and how to pin it; `null` if they don't. The order of calls is not compared. */
function differenceBetween (first: Observation, other: Observation, steady: Steady): string | null {
  if (other.ending !== 'success') return endText(other) + outputText(other)
  const [before, after] = [first, other].map(({ calls }) => calls.map(callText))
  const missing = unmatched(before!, after!, String)
  const extra = unmatched(after!, before!, String)
  if (missing.length > 0 && extra.length > 0) {
    return `the first one called ${missing[0]} where this one called ${extra[0]}; pin what the client draws at random (a seed, fixed ids, a fixed clock)`
  }
  const [one] = [...missing, ...extra]
  if (one !== undefined) {
    return `only ${missing.length > 0 ? 'the first one' : 'this one'} called ${one}; ` +
      'pin what makes the client do so (a seed, a fixed clock, no parallel tests)'
  }
  const difference = compareBooks(withoutDrawn(first.books, steady), withoutDrawn(other.books, steady))
  return difference.kind === 'same' ? null : `the calls are the same, but not the books: ${differenceText(difference)}`
}

function callText ({ endpoint, projectId, planId, decision }: Observation['calls'][number]): string {
  const parts = [endpoint, projectId !== null && `of project ${projectId}`, planId !== null && `to plan ${planId}`, `(status ${decision?.status ?? 'none'})`]
  return parts.filter(Boolean).join(' ')
}

/** Sums up what all accounts were charged, in mills. */
export function chargedIn ({ books }: Pick<Observation, 'books'>): number {
  return books.reduce((sum, { charges }) => sum + totalOf(charges), 0)
}

/** Sums up what all accounts were charged for what they ordered, in mills: renewals come by themselves. */
export function boughtIn ({ books }: Pick<Observation, 'books'>): number {
  return totalOf(books.flatMap(({ charges }) => charges.filter(isPurchase)))
}
