import { appendFileSync, readFileSync } from 'node:fs'
// What tools/test.js puts in the place of tap in a test file: several of them share a process, one after the other.
import tap from 'tap'

/** The test that bears the name of the file that is running. */
let current = tap
export { current as default }

/** Runs a file as a test of its name, which is given up after so many milliseconds. */
const cpu = () => { const f = readFileSync('/proc/self/stat', 'utf8').replace(/.*\) /, '').split(' ').map(Number); return [f[11] + f[12], f[13] + f[14]] }
process.on('exit', () => { const [s, c] = cpu(); if (process.env.CPU_LOG) appendFileSync(process.env.CPU_LOG, `P ${process.argv[1].replace(/.*run\//, '')} ${s / 100} ${c / 100} ${(performance.now() / 1000).toFixed(1)}\n`) })
export async function run (file, timeout, load) {
  const before = cpu(); const began = performance.now()
  await tap.test(file, { timeout }, async t => {
    current = t
    await load()
  })
  current = tap
  const after = cpu()
  if (process.env.CPU_LOG) appendFileSync(process.env.CPU_LOG, `F ${file} ${((after[0] - before[0]) / 100).toFixed(2)} ${((after[1] - before[1]) / 100).toFixed(2)} ${((performance.now() - began) / 1000).toFixed(1)}\n`)
}
