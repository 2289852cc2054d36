// Stands in for tap in the tests of a mutant: with the same comparisons, but the first that fails ends the process. tap itself takes
// longer to load than all these tests take to run.
import { match, same } from 'tcompare'

/** Ends the process, unless something holds. */
function check (holds) {
  if (!holds) process.exit(1)
}

export default {
  // What a test throws ends the process as well.
  async test (_name, run) { await run(this) },
  ok: value => check(value),
  notOk: value => check(!value),
  equal: (found, wanted) => check(Object.is(found, wanted)),
  not: (found, unwanted) => check(!Object.is(found, unwanted)),
  same: (found, wanted) => check(same(found, wanted).match),
  match: (found, pattern) => check(match(found, pattern).match),
  notMatch: (found, pattern) => check(!match(found, pattern).match),
  // eslint-disable-next-line valid-typeof
  type: (found, type) => check(typeof found === type)
}
