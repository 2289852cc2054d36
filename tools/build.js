// Bundles the command and the library into dist/: an unbundled start loads hundreds of small modules and takes twice as long.
import { build } from 'esbuild'
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

rmSync('dist', { recursive: true, force: true })

const { metafile } = await build({
  entryPoints: ['src/cli.ts', 'src/index.ts'],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  sourcemap: true,
  sourcesContent: false,
  minifySyntax: true,
  minifyWhitespace: true,
  lineLimit: 160,
  external: ['better-sqlite3'],
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' }, // its main file, an UMD module, can't be bundled
  chunkNames: 'chunks/[name]-[hash]',
  banner: { js: "import { createRequire as createRequireOf } from 'node:module'; const require = createRequireOf(import.meta.url);" },
  metafile: true
})

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
