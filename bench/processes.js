import { execFileSync, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { fileURLToPath } from 'node:url'

/** Maximum time, in milliseconds, for a server to start or to stop. */
const TIMEOUT = 10_000

const running = new Set()
process.on('exit', () => { for (const child of running) child.kill('SIGKILL') })
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1))

/** Starts a contender, logging to a file like a typical user's, and waits for its first answer, which must be correct. */
export async function startServer ({ title, args, log, path, request, first }, { prefix }) {
  const port = await freePort()
  const output = openSync(log, 'w')
  const [command, ...rest] = [...prefix, process.execPath, ...args(String(port))]
  const began = performance.now()
  const child = spawn(command, rest, { stdio: ['ignore', output, output] })
  running.add(child)
  closeSync(output)
  const exited = once(child, 'exit').then(() => running.delete(child))

  const answer = await firstAnswer(port, path, request, () => running.has(child) && performance.now() - began < TIMEOUT)
  const startedIn = performance.now() - began
  if (answer === undefined || !first(answer)) {
    throw new Error(`${title}: ${answer === undefined ? 'no answer' : `wrong first answer: ${answer}`}\n${readFileSync(log, 'utf8')}`)
  }
  return {
    pid: child.pid,
    port,
    startedIn,
    async stop () {
      const killed = setTimeout(() => child.kill('SIGKILL'), TIMEOUT)
      child.kill('SIGTERM')
      await exited
      clearTimeout(killed)
    }
  }
}

/** Starts the load generator, which runs for all rounds, so that it is as warm for the first server as for the last. */
export function startGenerator () {
  const child = fork(fileURLToPath(new URL('load.js', import.meta.url)))
  running.add(child)
  child.on('exit', code => { if (code !== 0) process.exit(1) })
  return {
    async load (message) {
      child.send(message)
      const [result] = await once(child, 'message')
      return result
    },
    stop: () => child.disconnect()
  }
}

/** Measures the resident memory of a process. Slim images have no `ps`, and not every system has `/proc`. */
export function residentMegabytes (pid) {
  const status = `/proc/${pid}/status`
  const kilobytes = existsSync(status)
    ? /^VmRSS:\s*(\d+)/m.exec(readFileSync(status, 'utf8'))[1]
    : execFileSync('ps', ['-o', 'rss=', '-p', String(pid)])
  return Number(kilobytes) / 1024
}

/** Measures the processor time of all threads of a process that are still there; NaN if the system does not report it. */
export function cpuSeconds (pid) {
  try {
    // Nanoseconds: those of /proc/PID/stat are ticks of 10 ms.
    const threads = readdirSync(`/proc/${pid}/task`)
    return threads.reduce((sum, thread) => sum + Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]), 0) / 1e9
  } catch {
    return NaN
  }
}

/** Polls about once a millisecond, so that polling adds next to nothing to the measured time. */
async function firstAnswer (port, path, request, isRunning) {
  while (isRunning()) {
    const answer = await ask(port, path, request)
    if (answer !== undefined) return answer
    await new Promise(resolve => setTimeout(resolve, 1))
  }
}

/** Sends a request and returns the body of the answer; `undefined` if nothing is listening. */
function ask (port, path, request) {
  return new Promise(resolve => {
    let text = ''
    const head = [
      `POST ${path} HTTP/1.1`, 'host: 127.0.0.1', 'connection: close', 'content-type: application/json',
      `content-length: ${request.length}`
    ]
    const socket = connect(port, '127.0.0.1', () => socket.write(`${head.join('\r\n')}\r\n\r\n${request}`))
    socket
      .on('data', chunk => { text += chunk })
      .on('end', () => resolve(text.slice(text.indexOf('\r\n\r\n') + 4)))
      .on('error', () => resolve(undefined))
  })
}

async function freePort () {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}
