// Builds and starts the command, and repeats both when a source file changes: npm run dev [-- OPTIONS]
// Types are neither checked nor emitted; `npm run types` does that.
import closeWithGrace from 'close-with-grace'
import { context } from 'esbuild'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { CLIENT, COMMAND, CONSOLE } from './bundle-options.js'

const BUNDLES = [COMMAND, CLIENT, CONSOLE]

/** Bundles that have not been built yet; the first start needs all of them. */
const missing = new Set(BUNDLES)
let child
let turn = Promise.resolve()

const contexts = await Promise.all(BUNDLES.map(bundle => context({
  ...bundle,
  sourcemap: true,
  logLevel: 'warning',
  plugins: [{
    name: 'restart',
    // After an error, which esbuild prints, the previous process keeps running.
    setup: build => build.onEnd(({ errors }) => {
      if (errors.length > 0) return
      missing.delete(bundle)
      if (missing.size === 0) turn = turn.then(restart)
    })
  }]
})))
await Promise.all(contexts.map(each => each.watch()))

closeWithGrace(async () => {
  await Promise.all(contexts.map(each => each.dispose()))
  await turn
  await stop()
})

async function restart () {
  await stop()
  child = spawn(process.execPath, ['--enable-source-maps', 'dist/cli.js', ...process.argv.slice(2)], { stdio: 'inherit' })
}

async function stop () {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
  child.kill()
  await once(child, 'exit')
}
