import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import t from 'tap'
import pino from 'pino'
import { createLog, openLog, writeFields, type Log } from '../../src/runtime/log.js'
import { fileSink, streamSink } from '../../src/runtime/standard-error.js'

const LOG = import.meta.resolve('../../src/runtime/log.js')

/** What a process has on its standard error stream that opens a log, and does this with it. */
async function logged (script: string): Promise<string[]> {
  const program = `const { openLog } = await import(${JSON.stringify(LOG)}); const { logger, close } = await openLog('info'); ${script}`
  const child = spawn(process.execPath, [...process.execArgv, '--input-type=module', '-e', program], { stdio: ['ignore', 'ignore', 'pipe'] })
  let text = ''
  child.stderr.on('data', (bytes: Buffer) => { text += bytes.toString() })
  await once(child, 'close')
  return messagesIn(text)
}

/** Messages of a log; of lines that stand for dropped ones, the number of those. */
function messagesIn (text: string): string[] {
  return text.split('\n').filter(line => line !== '').map(line => {
    const { msg, dropped } = JSON.parse(line) as { msg: string, dropped?: number }
    return dropped === undefined ? msg : `${dropped} dropped`
  })
}

t.test('the log is written', async t => {
  const long = 'x'.repeat(8192)
  t.strictSame(await logged(`logger.info('first'); logger.info('${long}'); process.exit()`), ['first', long], 'when there is enough of it')
  t.strictSame(await logged("logger.info('first'); setTimeout(() => { logger.info('lost'); process.exit() }, 1500)"), ['first'], 'when a second is over')
  t.strictSame(await logged("logger.info('first'); logger.info('last'); await close(); process.exit()"), ['first', 'last'], 'at the end')
})

/** A log of lines that are written one by one to a stream. */
function logTo (stream: Writable): Log {
  return createLog('error', 1, onDrain => streamSink(stream, onDrain))
}

t.test('a silent log leaves nothing to do at the end of the process', async t => {
  const before = process.listenerCount('exit')
  const { logger, close } = await openLog('silent')
  logger.fatal('unheard')
  await close()
  t.equal(process.listenerCount('exit'), before)
})

t.test('unread, a log drops lines and counts them, in one place, once all that waits has been read', async t => {
  const pipe = new PassThrough()
  const { logger, close } = logTo(pipe)
  const long = 'x'.repeat(100_000)
  for (let count = 0; count < 20; count++) logger.error(long)
  t.ok(pipe.writableLength < 1.2e6, 'however much is logged, a megabyte waits')
  await close()
  t.ok(pipe.writableLength > 1e6, 'nor does the end wait for a reader')

  let text = ''
  pipe.setEncoding('utf8').on('data', (more: string) => { text += more })
  while (!text.includes('dropped')) await once(pipe, 'data')
  logger.error('next')
  await close()
  const messages = messagesIn(text)
  const kept = messages.filter(message => message === long).length
  t.strictSame(messages.slice(kept), [`${20 - kept} dropped`, 'next'])
})

t.test('a reader that goes is the end of the log only', async t => {
  const broken = new Writable({ autoDestroy: false, write: (_chunk, _encoding, done) => { done(Object.assign(new Error('EPIPE'), { code: 'EPIPE' })) } })
  const { logger, close } = logTo(broken)
  logTo(broken)
  t.equal(broken.listenerCount('error'), 1, 'it is listened to once, however many logs there are')
  for (let count = 0; count < 3; count++) logger.error('lost')
  await close()
  t.pass('and nothing is thrown')
})

t.test('a disk that is full loses lines, and a log that has room again begins a new one', async t => {
  const full = openSync('/dev/full', 'w')
  t.equal(fileSink(full).take(['lost\n']), 0)
  closeSync(full)

  // A pipe that does not wait takes as much as a disk with 64 KiB left.
  const path = join(t.testdir(), 'disk')
  execFileSync('mkfifo', [path])
  const disk = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
  t.teardown(() => closeSync(disk))
  const { logger, close } = createLog('error', 1, () => fileSink(disk))
  const long = 'x'.repeat(40_000)
  for (const message of [long, long, 'lost']) logger.error(message)
  const [first, torn, end] = contentOf(disk).split('\n') as [string, string, string?]
  t.strictSame([messagesIn(first), long.includes(torn.slice(-100)), end], [[long], true, undefined], 'the second line is torn')
  for (const message of ['next', 'last']) logger.error(message)
  await close()
  const [broken, ...rest] = contentOf(disk).split('\n')
  t.equal(broken, '')
  t.strictSame(messagesIn(rest.join('\n')), ['2 dropped', 'next', 'last'])

  t.equal(fileSink(disk).take([`${long}\n`, `${long}\n`]), 1, 'of several lines, those that are whole are not counted')
})

/** What is in a pipe. */
function contentOf (descriptor: number): string {
  const buffer = Buffer.alloc(100_000)
  return buffer.toString('utf8', 0, readSync(descriptor, buffer))
}

t.test('a line of fields is the one that pino would write', async t => {
  const lines: string[] = []
  const logger = pino({ level: 'debug', base: null }, { write (line) { lines.push(line.replace(/"time":\d+/, '"time":0')) } })
  const fields = {
    request: '1-1', path: '/"quoted"\\\n\u0000\u2028</script>\ud800 ünd 👩', http: 200, status: null, rule: null, account: '', assumptions: undefined, fault: 'delay', ms: 0.12
  }
  for (const level of ['info', 'debug'] as const) {
    logger[level](fields, 'answered')
    writeFields(logger, level, fields, 'answered')
  }
  t.equal(lines.length, 4)
  t.equal(lines[1], lines[0])
  t.equal(lines[3], lines[2])
  t.not(lines[0], lines[2])
})
