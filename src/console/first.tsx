import { useState } from 'preact/hooks'
import { count } from './format.js'

/** Number of things that are drawn at first. */
const FIRST = 50

/** Draws the first of many things, and a button for as many more. */
export function useFirst<T> (all: readonly T[]) {
  const [number, setNumber] = useState(FIRST)
  const left = all.length - number
  const more = left > 0 && (
    <p class='buttons'><button type='button' onClick={() => setNumber(number + FIRST)}>Show more ({count(left, 'other')} left)</button></p>
  )
  return [all.slice(0, number), more] as const
}
