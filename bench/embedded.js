// Starts and stops emulators in this process, like a test suite, and prints the median times in milliseconds.
import { startEmulator } from '../dist/index.js'
import { median } from './quantile.js'

const TIMES = 41

const starts = []
const stops = []
for (let n = 0; n < TIMES; n++) {
  const begun = performance.now()
  const emulator = await startEmulator()
  starts.push(performance.now() - begun)
  const answer = await fetch(`${emulator.url}/__admin/health`)
  if (!answer.ok) throw new Error(`answered with ${answer.status}`)
  await answer.arrayBuffer()
  const ended = performance.now()
  await emulator.stop()
  stops.push(performance.now() - ended)
}

// The first ones are left out, because the process is not warm yet.
console.log(JSON.stringify({ start: median(starts.slice(5)), stop: median(stops.slice(5)) }))
