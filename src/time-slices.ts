import { monotonicTime, setImmediate } from './machine.js'

/** Time, in milliseconds, that all long work together may take in one turn of the event loop. */
const SLICE = 5

/** End of this turn's slice, once one has begun. */
let end: number | undefined

const waiting: Array<() => void> = []

/** Tells whether somebody still wants the result of work: a client may have gone meanwhile. */
export type IsWanted = () => boolean

/** End of work that nobody wants any more. */
export class Unwanted extends Error {}

const ALWAYS: IsWanted = () => true

/**
 * Calls `act` for each item, and gives way to the event loop whenever this turn's slice is over. All callers share the slice of a
 * turn, so that twenty of them do not keep a request waiting any longer than one does; they take turns, and each begins at once if
 * there is time left. Throws `Unwanted` at the beginning of a slice in which nobody wants the result any more.
 */
export async function forEachInSlices<Item> (items: Iterable<Item>, act: (item: Item) => void, isWanted = ALWAYS): Promise<void> {
  for (const item of items) {
    if (isOver()) {
      await nextSlice()
      if (!isWanted()) throw new Unwanted('nobody waits for the result any more')
    }
    act(item)
  }
}

/** Maps items in the same way. */
export async function mapInSlices<Item, Result> (items: Iterable<Item>, map: (item: Item) => Result, isWanted = ALWAYS): Promise<Result[]> {
  const results: Result[] = []
  await forEachInSlices(items, item => { results.push(map(item)) }, isWanted)
  return results
}

/** Yields items in the same way. */
export async function * inSlices<Item> (items: Iterable<Item>): AsyncIterable<Item> {
  for (const item of items) {
    if (isOver()) await nextSlice()
    yield item
  }
}

/** Long work that pauses wherever it may give way, and gives its result at the end. */
export type Work<Result> = Generator<void, Result, void>

/** Does work without a break. */
export function doAtOnce<Result> (work: Work<Result>): Result {
  for (;;) {
    const { done, value } = work.next()
    if (done === true) return value
  }
}

/** Does work in slices, as above. */
export async function doInSlices<Result> (work: Work<Result>, isWanted?: IsWanted): Promise<Result> {
  let result!: Result
  function * steps (): Iterable<void> { result = yield * work }
  await forEachInSlices(steps(), () => {}, isWanted)
  return result
}

/** Parts a list into lists of at most `size` items, so that work on one of them fits in a slice. */
export function * partsOf<Item> (items: readonly Item[], size: number): Iterable<readonly Item[]> {
  if (items.length <= size) yield items
  else for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size)
}

function isOver (): boolean {
  if (end !== undefined) return monotonicTime() >= end
  // However busy the machine is, there is time for something.
  begin()
  return false
}

function begin (): void {
  end = monotonicTime() + SLICE
  setImmediate(nextTurn)
}

function nextSlice (): Promise<void> {
  return new Promise(resolve => { waiting.push(resolve) })
}

function nextTurn (): void {
  const next = waiting.shift()
  if (next === undefined) {
    end = undefined
    return
  }
  begin()
  next()
}
