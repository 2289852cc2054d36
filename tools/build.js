// Bundles the command and the library into dist/: an unbundled start loads hundreds of small modules and takes twice as long.
import { build } from 'esbuild'
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BUNDLE, NODE_BUNDLE } from './bundle-options.js'

rmSync('dist', { recursive: true, force: true })

const output = { outdir: 'dist', outbase: 'src', entryNames: '[name]' }

const { metafile } = await build({
  ...NODE_BUNDLE,
  ...output,
  entryPoints: ['src/cli.ts', 'src/index.ts'],
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' }, // its main file, an UMD module, can't be bundled
  metafile: true
})

// One file that imports nothing: a browser can load it as well.
await build({ ...BUNDLE, ...output, entryPoints: ['src/client/connect.ts'], platform: 'neutral', target: 'es2022' })

chmodSync('dist/cli.js', 0o755)
writeFileSync('dist/third-party-licenses.txt', licenses(Object.keys(metafile.inputs)))
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tools/tsconfig.types.json'], { stdio: 'inherit' })

/** The licences of what was bundled, which ask to be handed on with it. */
function licenses (inputs) {
  const folders = new Set(inputs.map(input => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1]).filter(Boolean))
  return [...folders].sort().map(folder => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    const file = readdirSync(folder).find(entry => /^licen[cs]e/i.test(entry))
    return `${name} ${version} (${license})\n\n${file === undefined || !existsSync(join(folder, file)) ? '' : readFileSync(join(folder, file), 'utf8')}`
  }).join('\n\n----\n\n')
}
