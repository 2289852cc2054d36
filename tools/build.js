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
  entryPoints: ['src/cli/cli.ts', 'src/index.ts'],
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
  const { name, version, license } = manifest('.')
  const installed = withDependencies()
  // "(MIT OR Apache-2.0)" is a choice, and has no id.
  const named = license => [/ (?:OR|AND|WITH) /.test(license) ? { expression: license.replace(/^\(|\)$/g, '') } : { license: { id: license } }]
  const component = ({ name, version, license }) =>
    ({ type: 'library', name, version, scope: 'required', purl: `pkg:npm/${name.replace('@', '%40')}@${version}`, licenses: named(license) })
  // What is bundled with one library may be installed with another, too.
  const components = new Map([...folders, ...installed].map(folder => component(manifest(folder))).map(found => [found.purl, found]))
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: { component: { type: 'application', name, version, purl: `pkg:npm/${name}@${version}`, licenses: named(license) } },
    components: [...components.values()]
  }
}

/** What is installed for its users, and what that needs in turn. */
function withDependencies (from = '.', found = new Set()) {
  for (const name of Object.keys(manifest(from).dependencies ?? {})) {
    const folder = folderOf(name, from)
    if (found.has(folder)) continue
    found.add(folder)
    withDependencies(folder, found)
  }
  return [...found].sort()
}

/** Where a package finds another: in its own folder, or in the nearest one around it. */
function folderOf (name, from) {
  const folder = join(from, 'node_modules', name)
  if (existsSync(folder)) return folder
  if (from === '.') throw new Error(`${name} is not installed`)
  return folderOf(name, from.replace(/\/?node_modules\/(?:@[^/]+\/)?[^/]+$/, '') || '.')
}

function manifest (folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
}
