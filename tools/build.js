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

// The web console: one script, one style sheet, and what they stand in.
const page = await build({
  ...BUNDLE,
  outdir: 'dist/console',
  entryPoints: ['src/console/console.tsx', 'src/console/console.css', 'src/console/index.html', 'src/console/icon.svg'],
  loader: { '.html': 'copy', '.svg': 'copy' },
  entryNames: '[name]',
  platform: 'browser',
  target: 'es2022',
  minify: true,
  jsx: 'automatic',
  jsxImportSource: 'preact',
  sourcemap: false,
  metafile: true
})

chmodSync('dist/cli.js', 0o755)
const bundled = packagesIn([...Object.keys(metafile.inputs), ...Object.keys(page.metafile.inputs)])
writeFileSync('dist/third-party-licenses.txt', licenses(bundled))
writeFileSync('dist/sbom.cdx.json', `${JSON.stringify(billOfMaterials(bundled), null, 2)}\n`)
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tools/tsconfig.types.json'], { stdio: 'inherit' })

/** The folders of the packages from which something was bundled. */
function packagesIn (inputs) {
  return [...new Set(inputs.map(input => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1]).filter(Boolean))].sort()
}

/** The licences of what was bundled, which ask to be handed on with it. */
function licenses (folders) {
  return folders.map(folder => {
    const { name, version, license } = manifest(folder)
    const file = readdirSync(folder).find(entry => /^licen[cs]e/i.test(entry))
    return `${name} ${version} (${license})\n\n${file === undefined || !existsSync(join(folder, file)) ? '' : readFileSync(join(folder, file), 'utf8')}`
  }).join('\n\n----\n\n')
}

/** All that the package consists of, what is bundled and what is installed with it, as CycloneDX. The same build gives the same bytes. */
function billOfMaterials (folders) {
  const { name, version, license, dependencies } = manifest('.')
  const installed = withDependencies(Object.keys(dependencies))
  const component = ({ name, version, license }, scope) =>
    ({ type: 'library', name, version, scope, purl: `pkg:npm/${name.replace('@', '%40')}@${version}`, licenses: [{ license: { id: license } }] })
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: { component: { type: 'application', name, version, purl: `pkg:npm/${name}@${version}`, licenses: [{ license: { id: license } }] } },
    components: [
      ...folders.map(folder => component(manifest(folder), 'required')),
      ...installed.map(folder => component(manifest(folder), 'required'))
    ]
  }
}

/** What is installed for its users, and what that needs in turn. */
function withDependencies (names, found = new Set()) {
  for (const name of names) {
    const folder = `node_modules/${name}`
    if (found.has(folder) || !existsSync(folder)) continue
    found.add(folder)
    withDependencies(Object.keys(manifest(folder).dependencies ?? {}), found)
  }
  return [...found].sort()
}

function manifest (folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
}
