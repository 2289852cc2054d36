import { permissionProblem } from '../node-options.js'
import { version } from '../package.js'
import { Problem } from '../problem.js'
import { readArguments, refuseOperands, suggestion, type Arguments } from './arguments.js'
import { check } from './check.js'
import { COMMAND_OPTIONS } from './command-options.js'
import { readConfig } from './flags.js'
import { health } from './health.js'
import { helpText } from './help.js'
import { complain, endUnread, say } from './output.js'
import { serve } from './serve.js'
import type { Shutdown } from './shutdown.js'

const COMMANDS = ['serve', 'run', 'sweep', 'replay', 'export', 'env', 'health', 'check'] as const

type Env = Readonly<Record<string, string | undefined>>

/**
 * Runs the command line and returns the exit code: 0 for success, 1 for not ready, 2 for a user error, reported in one line; that of
 * `run`'s command; those of `sweep` and `replay`.
 */
export async function runCommand (args: readonly string[], env: Env, shutdown: Shutdown): Promise<number> {
  try {
    return await run(readArguments(args), env, shutdown)
  } catch (error) {
    const problem = error instanceof Problem ? error : permissionProblem(error)
    if (problem === undefined) throw error
    complain(`picky-emulator: ${problem.message}`)
    return 2
  }
}

async function run ({ command, operands, behind, flags }: Arguments, env: Env, shutdown: Shutdown): Promise<number> {
  if (flags.help !== undefined) return say(helpText(command))
  if (flags.version !== undefined) return say(version)
  refuseForeignOptions(command, flags)
  // Loaded only where they are asked for: they need TLS, which takes its time.
  if (command === 'run') return endUnread(await (await import('./run.js')).run({ operands, behind, flags }, env, shutdown))
  if (command === 'sweep') return await (await import('./sweep.js')).sweep({ operands, behind, flags }, env, shutdown)
  if (command === 'replay') return await (await import('./replay.js')).replayCase({ operands, behind, flags }, env)
  if (command !== 'check' && command !== 'export') refuseOperands(command, [...operands, ...behind ?? []])
  switch (command) {
    case 'serve': return await serve(readConfig(flags, env), shutdown)
    case 'health': return await health(readConfig(flags, env), flags.wait)
    case 'env': return (await import('./env.js')).env(flags, env)
    case 'check': return check([...operands, ...behind ?? []])
    case 'export': return await (await import('./export.js')).exportTest([...operands, ...behind ?? []], flags)
    default: {
      throw new Problem(
        `unknown command ${JSON.stringify(command)}${suggestion(command, COMMANDS)}; the commands are ${COMMANDS.join(', ')}`)
    }
  }
}

function refuseForeignOptions (command: string, flags: Arguments['flags']): void {
  for (const [flag, { commands }] of Object.entries(COMMAND_OPTIONS)) {
    if (flags[flag] !== undefined && !commands.includes(command)) {
      throw new Problem(`--${flag} is an option of the ${commands.join(' and ')} command${commands.length === 1 ? '' : 's'} only`)
    }
  }
}
