import t from 'tap'
import { knownSecrets } from '../../src/journal/known-secrets.js'

/** A world in which each request brings a token and removes another, as suites do that create an account for each test. */
function turnover ({ live, kept }: { live: number, kept: number }): { known: ReturnType<typeof knownSecrets>, turn: () => void, tokenOf: (request: number) => string, requests: () => number } {
  const tokenOf = (request: number): string => `token-of-${request}-Zq7x`
  let requests = 0
  let added: string[] = []
  const known = knownSecrets(all => {
    const tokens = all ? Array.from({ length: Math.min(live, requests) }, (_, back) => tokenOf(requests - back)) : added
    added = []
    return { isAll: all, tokens }
  }, () => requests, kept, Infinity)
  return { known, tokenOf, requests: () => requests, turn: () => { added.push(tokenOf(++requests)) } }
}

for (const live of [1, 1000]) {
  for (const kept of [1, 2000]) {
    t.test(`of tokens that come and go for long, no more and more are known: ${live} at a time, ${kept} requests kept`, async t => {
      const { known, turn, tokenOf, requests } = turnover({ live, kept })
      const largest = [0, 0]
      let missing = 0
      for (const part of largest.keys()) {
        for (let turns = 0; turns < 15_000; turns++) {
          turn()
          const finder = known()
          largest[part] = Math.max(largest[part]!, finder.size())
          // The oldest in the world, and the one removed just before the oldest request that is kept.
          for (const request of [requests() - live + 1, requests() - live - kept + 2]) if (request > 0 && !finder.has(tokenOf(request))) missing++
        }
      }
      t.equal(missing, 0, 'each that a kept request may hold is known')
      t.ok(largest[1]! <= largest[0]!, `at most ${largest[0]} in the first half, ${largest[1]} in the second`)
    })
  }
}

t.test('of tokens that come and go without a request, those that were removed last are known', async t => {
  const [most, added]: [number, string[]] = [2000, []]
  const known = knownSecrets(isAll => ({ isAll, tokens: added.splice(0) }), () => 0, 10_000, most)
  const tokenOf = (number: number): string => `token-of-${number}-Zq7x`
  let largest = 0
  for (let number = 0; number < 40_000; number++) {
    added.push(tokenOf(number))
    largest = Math.max(largest, known().size())
  }
  t.ok(largest < 3 * most, `at most ${largest}`)
  t.strictSame([0, 38_000, 39_999].map(number => known().has(tokenOf(number))), [false, true, true])
})

t.test('a token is known until so many others have been removed after it, however long it was there', async t => {
  const [most, last, tokenOf]: [number, number, (number: number) => string] = [2000, 20_000, number => `token-of-${number}-Zq7x`]
  for (const inBetween of [1, 700, 5000]) {
    const world = new Set(['a-token-that-stays-Zq7x'])
    const added = [...world]
    const known = knownSecrets(isAll => ({ isAll, tokens: [...isAll ? world : [], ...added.splice(0)] }), () => 1, 10_000, most)
    known()
    for (let number = 1; number < last + most; number++) {
      if (number === last) world.clear()
      added.push(tokenOf(number))
      if (number % inBetween === 0) known()
    }
    t.ok(known().has('a-token-that-stays-Zq7x'), `looked at after each ${inBetween}`)
  }
})

t.test('a token that comes back is known for as long after its last removal', async t => {
  const [kept, fixed, world]: [number, string, Set<string>] = [1000, 'a-token-for-each-test-Zq7x', new Set()]
  const added: string[] = []
  let [requests, lastUse, missing] = [0, -kept, 0]
  const known = knownSecrets(isAll => ({ isAll, tokens: [...isAll ? world : [], ...added.splice(0)] }), () => requests, kept, Infinity)
  for (let test = 0; test < 20_000; test++) {
    const token = test % 7 === 0 ? fixed : `token-of-${test}-Zq7x`
    world.add(token)
    added.push(token)
    requests++
    if (token === fixed) lastUse = requests
    known()
    world.clear()
    if (lastUse > requests - kept && !known().has(fixed)) missing++
  }
  t.equal(missing, 0)
})
