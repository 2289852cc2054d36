// What tools/test.js puts in the place of tap in a test file: several of them share a process, one after the other.
import './test-process.js'
import tap from 'tap'

/** The test that bears the name of the file that is running. */
let current = tap
export { current as default }

/** Runs a file as a test of its name, which is given up after so many milliseconds. */
export async function run (file, timeout, load) {
  await tap.test(file, { timeout }, async t => {
    current = t
    await load()
  })
  current = tap
}
