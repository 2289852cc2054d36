// Bundles the command and the library into dist/: an unbundled start loads hundreds of small modules and takes twice as long.
import { build } from 'esbuild'
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CLIENT, COMMAND, CONSOLE } from './bundle-options.js'

rmSync('dist', { recursive: true, force: true })

const { metafile } = await build(COMMAND)
await build(CLIENT)
const page = await build(CONSOLE)

chmodSync('dist/cli.js', 0o755)
const bundled = packagesIn([...Object.keys(metafile.inputs), ...Object.keys(page.metafile.inputs)])
writeFileSync('dist/third-party-licenses.txt', licenses(bundled))
writeFileSync('dist/sbom.cdx.json', `${JSON.stringify(billOfMaterials(bundled), null, 2)}\n`)
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tools/tsconfig.types.json'], { stdio: 'inherit' })

/** The folders of the packages that were bundled in whole or in part. */
function packagesIn (inputs) {
  return [...new Set(inputs.map(input => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1]).filter(Boolean))].sort()
}

/** The licences of the bundled packages, which must be distributed with them. */
function licenses (folders) {
  return folders.map(folder => {
    const { name, version, license } = manifest(folder)
    const file = readdirSync(folder).find(entry => /^licen[cs]e/i.test(entry))
    return `${name} ${version} (${license})\n\n${file === undefined || !existsSync(join(folder, file)) ? '' : readFileSync(join(folder, file), 'utf8')}`
  }).join('\n\n----\n\n')
}

/** The bill of materials, bundled and installed packages alike, as CycloneDX. The same build gives the same bytes. */
function billOfMaterials (folders) {
  const { name, version, license } = manifest('.')
  const installed = withDependencies()
  // "(MIT OR Apache-2.0)" is a choice, and has no id.
  const named = license => [/ (?:OR|AND|WITH) /.test(license) ? { expression: license.replace(/^\(|\)$/g, '') } : { license: { id: license } }]
  const component = ({ name, version, license }) =>
    ({ type: 'library', name, version, scope: 'required', purl: `pkg:npm/${name.replace('@', '%40')}@${version}`, licenses: named(license) })
  // A package may be bundled with one library and installed with another.
  const components = new Map([...folders, ...installed].map(folder => component(manifest(folder))).map(found => [found.purl, found]))
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: { component: { type: 'application', name, version, purl: `pkg:npm/${name}@${version}`, licenses: named(license) } },
    components: [...components.values()]
  }
}

/** The packages that are installed for users, with their own dependencies. */
function withDependencies (from = '.', found = new Set()) {
  for (const name of Object.keys(manifest(from).dependencies ?? {})) {
    const folder = folderOf(name, from)
    if (found.has(folder)) continue
    found.add(folder)
    withDependencies(folder, found)
  }
  return [...found].sort()
}

/** Resolves a package as Node.js does: in the folder's own node_modules, or in the nearest one above. */
function folderOf (name, from) {
  const folder = join(from, 'node_modules', name)
  if (existsSync(folder)) return folder
  if (from === '.') throw new Error(`${name} is not installed`)
  return folderOf(name, from.replace(/\/?node_modules\/(?:@[^/]+\/)?[^/]+$/, '') || '.')
}

function manifest (folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
}
