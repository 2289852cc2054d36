// Starts emulators in this process and stops them, as a test suite does, and prints how long that takes: medians in milliseconds.
import { startEmulator } from '../dist/index.js'

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

// The first ones come before the process is warm.
console.log(JSON.stringify({ start: median(starts.slice(5)), stop: median(stops.slice(5)) }))

function median (values) {
  return values.sort((a, b) => a - b)[values.length >> 1]
}
