import { buildSync } from 'esbuild'
import { fileURLToPath } from 'node:url'
import { NODE_BUNDLE } from '../tools/bundle-options.js'

/** Scratch folder in node_modules, so that git ignores it and the bundles in it still find the database's native module. */
export const CACHE = fileURLToPath(new URL('../node_modules/.cache/bench/', import.meta.url))

export function baseline (name) {
  return `${CACHE}${name}.mjs`
}

/** Bundles the baselines like the emulator: start-up times would not be comparable otherwise. */
export function bundleBaselines () {
  buildSync({
    ...NODE_BUNDLE,
    absWorkingDir: fileURLToPath(new URL('./baselines/', import.meta.url)),
    entryPoints: ['fastify.js', 'sqlite.js'],
    outdir: CACHE,
    outExtension: { '.js': '.mjs' },
    logLevel: 'warning'
  })
}
