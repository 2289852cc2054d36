import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, openSync, readFileSync, readSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import t from 'tap'
import pino from 'pino'
import { createLog, openLog, writeFields, type Log } from '../../src/runtime/log.js'
import { fileSink, openSink, standardError, streamSink } from '../../src/runtime/standard-error.js'

const LOG = import.meta.resolve('../../src/runtime/log.js')

/** What a process has on its standard error stream that opens a log, and does this with it. */
async function logged (script: string): Promise<string[]> {
  const program = `const { openLog } = await import(${JSON.stringify(LOG)}); const { logger, close } = await openLog('info'); ${script}`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'ignore', 'pipe'] })
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

/** A log of whole blocks, what of it has been written, and the next time that something is. */
async function collected () {
  const written: string[] = []
  let onWrite = (): void => {}
  const next = async () => await new Promise<void>(resolve => { onWrite = resolve })
  const log = await openLog('info', () => ({
    take (lines) {
      written.push(...lines)
      onWrite()
      return lines.length
    },
    async drained () {}
  }))
  return { ...log, written: () => messagesIn(written.join('')), next }
}

t.test('a line of the log does nothing to a terminal, as JSON or as text', async t => {
  const name = 'a\u009b31mb\u007fc\u202ed\u2066e\u2028f\u001bg'
  for (const format of [String, (line: string) => `\u001b[36m${JSON.stringify((JSON.parse(line) as { account: string }).account)}\u001b[39m\n`]) {
    let written = ''
    const { logger } = createLog('info', 1, () => ({ take: lines => { written += lines.join(''); return lines.length }, async drained () {} }), format)
    logger.info({ account: name }, 'answered')
    t.match(written, 'a\\u009b31mb\\u007fc\\u202ed\\u2066e\\u2028f\\u001bg')
    if (format === String) t.equal((JSON.parse(written) as { account: string }).account, name, 'and a program reads what it was')
    else t.ok(written.startsWith('\u001b[36m"') && written.endsWith('"\u001b[39m\n'), 'colours stay')
  }
})

t.test('the log is written', async t => {
  t.intercept(process.stderr, 'isTTY', { value: false, configurable: true })
  const { logger, close, written, next } = await collected()
  const long = 'x'.repeat(8192)
  logger.info('first')
  t.strictSame(written(), [])
  logger.info(long)
  t.strictSame(written(), ['first', long], 'when there is enough of it')
  // Its timer keeps no process from ending.
  const waiting = setInterval(() => {}, 1000)
  logger.info('alone')
  await next()
  clearInterval(waiting)
  t.strictSame(written().slice(2), ['alone'], 'when a second is over')
  logger.info('last')
  await close()
  t.strictSame(written().slice(3), ['last'], 'at the end')

  const child = await logged(`logger.info('first'); logger.info('${long}'); logger.info('last'); await close(); process.exit()`)
  t.strictSame(child, ['first', long, 'last'], 'to standard error')
})

t.test('on a terminal, the log is text for people, each line at once', async t => {
  t.intercept(process.stderr, 'isTTY', { value: true, configurable: true })
  const written: string[] = []
  const { logger } = await openLog('info', () => ({ take: lines => written.push(...lines), async drained () {} }))
  logger.info({ http: 200 }, 'answered')
  t.match(written.join(''), /^\[\d\d:\d\d:\d\d\.\d{3}\].*INFO.*answered[^]*http.*200/)
})

t.test('a log goes through a stream where something reads it, and straight into a file', async t => {
  const [file, fifo] = ['file', 'fifo'].map(name => join(t.testdir(), name)) as [string, string]
  execFileSync('mkfifo', [fifo])
  const cases: Array<[path: string, isTTY: boolean, throughStream: boolean]> = [[file, false, false], [file, true, true], [fifo, false, true]]
  for (const [path, isTTY, throughStream] of cases) {
    const descriptor = openSync(path, path === fifo ? constants.O_RDWR | constants.O_NONBLOCK : 'w')
    const stream = Object.assign(new PassThrough(), { isTTY })
    t.equal(openSink(descriptor, stream, () => {}).take(['line\n']), 1)
    t.strictSame([stream.read()?.toString(), readFileSync(file, 'utf8')], throughStream ? ['line\n', ''] : [undefined, 'line\n'])
    closeSync(descriptor)
    writeFileSync(file, '')
  }
  t.equal(standardError(() => {}).take([]), 0, 'standard error, whatever that is here')
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
