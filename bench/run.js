// Measures the emulator side by side with the limits of its stack, and prints Markdown; see --help.
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { installProofs } from '../tools/proofs.js'
import { bundleBaselines } from './bundle.js'
import { contenders } from './contenders.js'
import { steps } from './measurements.js'
import { peers } from './peers.js'
import { pinning } from './pinning.js'
import { startGenerator } from './processes.js'
import { recording } from './recording.js'
import { report } from './report.js'
import { suite } from './suite.js'
import { sweeping } from './sweep.js'
import { temporaryFolder } from './temporary-folder.js'
import { unchanged } from './unchanged.js'

const HELP = `node bench/run.js [--rounds N] [--seconds S] [--quick] [--peers]

  --rounds N   number of rounds, each with a fresh start of every server (5)
  --seconds S  seconds per round for each server under each load (2)
  --peers      include json-server, Prism and Mockoon, installed into a scratch folder
  --quick      one short round, to check that the benchmark works`

/** Length of a server's turn under load, in seconds: short, so that other activity on the machine affects all servers alike. */
const TURN = 0.5

const { values: { help, peers: withPeers, quick, rounds, seconds } } = parseArgs({
  options: {
    peers: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    seconds: { type: 'string' }
  }
})

if (help) console.log(HELP)
else {
  try {
    await run(planOf(positive('rounds', rounds ?? (quick ? '1' : '5')), positive('seconds', seconds ?? (quick ? '0.4' : '2'))))
  } catch (error) {
    console.error(`bench: ${error.message}`)
    process.exit(1)
  }
}

function planOf (rounds, seconds) {
  const turns = Math.ceil(seconds / TURN)
  const pace = quick ? { starts: 1, warmUpSeconds: 0.3, settleSeconds: 0.2 } : { starts: 4, warmUpSeconds: 1.5, settleSeconds: 1 }
  return { rounds, turns, turnSeconds: seconds / turns, loadBefore: loadavg()[0], ...pace }
}

async function run (plan) {
  installProofs()
  const folder = temporaryFolder()
  const pins = pinning()
  bundleBaselines()
  const generator = startGenerator()
  const all = [...contenders(folder), ...withPeers ? peers(folder) : []]
  const sessions = all.map(contender => ({ contender, pins, generator, plan, samples: {} }))
  for (let round = 1; round <= plan.rounds; round++) {
    for (const { name, times, step } of steps(plan)) {
      for (let turn = 1; turn <= times; turn++) {
        progress(`round ${round} of ${plan.rounds}: ${name}, ${turn} of ${times}`)
        for (const session of sessions) {
          for (const [metric, value] of Object.entries(await step(session) ?? {})) (session.samples[metric] ??= []).push(value)
        }
      }
    }
  }
  progress('')
  console.log(report(sessions, plan, pins, folder))
  console.log(`\n${await recording(quick, { generator, pins })}`)
  generator.stop()
  console.log(`\n${await suite(quick)}`)
  console.log(`\n${await unchanged(quick)}`)
  console.log(`\n${await sweeping(quick)}`)
}

function positive (name, text) {
  const number = Number(text)
  if (number > 0) return number
  throw new Error(`--${name} is wrong: found ${JSON.stringify(text)}, expected a number above 0`)
}

function progress (text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`)
}
