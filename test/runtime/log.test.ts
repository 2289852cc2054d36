import { spawn } from 'node:child_process'
import { once } from 'node:events'
import t from 'tap'

const LOG = import.meta.resolve('../../src/runtime/log.js')

/** What a process has on its standard error stream that opens a log, and does this with it. */
async function logged (script: string): Promise<string[]> {
  const program = `const { openLog } = await import(${JSON.stringify(LOG)}); const { logger, flush } = await openLog('info'); ${script}`
  const child = spawn(process.execPath, [...process.execArgv, '--input-type=module', '-e', program], { stdio: ['ignore', 'ignore', 'pipe'] })
  let text = ''
  child.stderr.on('data', (bytes: Buffer) => { text += bytes.toString() })
  await once(child, 'close')
  return text.split('\n').filter(line => line !== '').map(line => (JSON.parse(line) as { msg: string }).msg)
}

t.test('the log is written', async t => {
  const long = 'x'.repeat(8192)
  t.strictSame(await logged(`logger.info('first'); logger.info('${long}'); process.exit()`), ['first', long], 'when there is enough of it')
  t.strictSame(await logged("logger.info('first'); setTimeout(() => { logger.info('lost'); process.exit() }, 1500)"), ['first'], 'when a second is over')
  t.strictSame(await logged("logger.info('first'); logger.info('last'); flush(); process.exit()"), ['first', 'last'], 'at the end')
})
