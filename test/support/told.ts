import type { Test } from 'tap'
import { runCommand } from '../../src/cli/command.js'
import { NO_SHUTDOWN } from './shutdown.js'

const PATH = process.env.PATH!

/** Runs the command line in this process, and gives its exit code and what it says. */
export async function told (t: Test, args: readonly string[], env: Record<string, string> = {}, shutdown = NO_SHUTDOWN): Promise<{ code: number, stdout: string, stderr: string }> {
  const [out, err] = [t.capture(process.stdout, 'write', () => true), t.capture(process.stderr, 'write', () => true)]
  try {
    const code = await runCommand(args, { PATH, ...env }, shutdown)
    const [stdout, stderr] = [out, err].map(captured => captured().map(({ args }) => String(args[0])).join(''))
    return { code, stdout: stdout!, stderr: stderr! }
  } finally {
    out.restore()
    err.restore()
  }
}
