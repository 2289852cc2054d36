import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** The built command. */
export const CLI = `${ROOT}dist/cli.js`

if (!existsSync(CLI)) throw new Error('dist/cli.js is missing; these tests run what is built: npm run build')

export const CHANGE_BILLING = '/app/api/v2/pm/change-billing'

/** The documented sample request and its answer, byte for byte. */
export const SAMPLE = { token: '132321343dsfsdf', project_id: 5786, service: 1, plan_id: 2 }
export const SAMPLE_ANSWER = '{"status":100,"message":"Success","old_billing_plan":"1","new_billing_plan":2,"amount_debited":"5","next_billing_date":"2020-07-16T23:59:59+00:00"}'

/**
 * Starts a program as a user's shell would, with the environment of a user who has set nothing. As in a shell, a program that is missing is
 * exit code 127. The test runner is kept out of it by tools/test-process.js.
 */
export function spawnOutside (program: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'LANG'].filter(name => process.env[name] !== undefined).map(name => `${name}=${process.env[name]}`)
  return spawn('env', ['-i', ...kept, program, ...args], { stdio: ['ignore', 'pipe', 'pipe'], ...options })
}

export interface Result { readonly code: number | null, readonly stdout: string, readonly stderr: string }

/** Runs a program to its end. */
export async function run (program: string, args: readonly string[], options: SpawnOptions = {}): Promise<Result> {
  const child = spawnOutside(program, args, options)
  const text = textOf(child)
  const [code] = await once(child, 'close') as [number | null]
  return { code, ...text }
}

/** What a process has written so far. */
export function textOf (child: ChildProcess): { stdout: string, stderr: string } {
  const text = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (more: string) => { text[name] += more })
  }
  return text
}

export interface Running {
  readonly url: string
  readonly pid: number
  readonly text: { readonly stdout: string, readonly stderr: string }
  /** Sends a signal and gives the exit code; `null` where the signal ended the process. */
  readonly end: (signal: NodeJS.Signals) => Promise<number | null>
}

/** Starts the built command and waits until it has said all that it says. It ends with the test, if it has not by then. */
export async function startBuilt (t: Test, ...args: string[]): Promise<Running> {
  return await started(t, process.execPath, [CLI, '--port', '0', ...args])
}

/** The same of a whole command line, which may put something before or around the command. */
export async function started (t: Test, program: string, args: readonly string[]): Promise<Running & { readonly child: ChildProcess }> {
  const child = spawnOutside(program, args)
  const text = textOf(child)
  const closed = once(child, 'close') as Promise<[number | null]>
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal)
    return (await closed)[0]
  }
  t.teardown(() => end('SIGKILL'))
  while (!/^ {2}answers .*\n/m.test(text.stdout)) {
    if (child.exitCode !== null) throw new Error(`the command has ended: ${text.stderr}`)
    await Promise.race([once(child.stdout!, 'data'), closed])
  }
  return { url: /http:\/\/[^/\s]+/.exec(text.stdout)![0], pid: child.pid!, text, end, child }
}

/** The command line that the banner offers, and the answer that it promises. */
export function offered ({ text }: Running): { line: string, answer: string } {
  const [, line, answer] = /^ {2}try {8}(.*)\n {2}answers {4}(.*)\n$/m.exec(text.stdout)!
  return { line: line!, answer: answer! }
}
