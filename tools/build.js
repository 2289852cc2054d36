// Bundles the command and the library into dist/, because an unbundled start loads hundreds of small modules and takes twice as long.
import { build } from 'esbuild'
import { execFileSync } from 'node:child_process'
import { chmodSync, readdirSync, readFileSync, rmSync, rmdirSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { CLIENT, CLIENT_REQUIRED, COMMAND, CONSOLE, LIBRARY_REQUIRED, NODE_BUNDLE, REDIRECT } from './bundle-options.js'
import { Database } from './sqlite.js'

const RELATIVE_IMPORT = /from '(\.[^']*)\.js'/g

rmSync('dist', { recursive: true, force: true })

const { metafile } = await build(COMMAND)
await build(LIBRARY_REQUIRED)
await build(CLIENT)
await build(CLIENT_REQUIRED)
await build(REDIRECT)
const page = await build(CONSOLE)

await writeSchema('sweep-report', 'src/sweep/report-schema.ts', 'SweepReportSchema')
await writeSchema('case', 'src/case/schema.ts', 'CaseSchema')

chmodSync('dist/cli.js', 0o755)
const bundled = packagesIn([...Object.keys(metafile.inputs), ...Object.keys(page.metafile.inputs)])
writeFileSync('dist/third-party-licenses.txt', licenses(bundled))
writeFileSync('dist/sbom.cdx.json', `${JSON.stringify(billOfMaterials(bundled), null, 2)}\n`)
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tools/tsconfig.types.json'], { stdio: 'inherit' })
shipDeclarations('dist/types', ['index.d.ts', 'client/connect.d.ts'])

/** Publishes a schema, which is TypeScript here. */
async function writeSchema (name, file, exported) {
  const bundle = `dist/${name}.schema.js`
  await build({ ...NODE_BUNDLE, splitting: false, entryPoints: [file], outfile: bundle, alias: COMMAND.alias })
  const { [exported]: schema } = await import(pathToFileURL(bundle).href)
  writeFileSync(`${bundle}on`, `${JSON.stringify(schema, null, 2)}\n`)
  rmSync(bundle)
}

/**
 * Keeps the declarations that programs reach, and gives each a twin for programs that are CommonJS modules: to TypeScript, a
 * declaration describes either kind of module.
 */
function shipDeclarations (folder, entries) {
  const reached = new Set(entries)
  for (const file of reached) {
    const text = readFileSync(join(folder, file), 'utf8')
    for (const [, path] of text.matchAll(RELATIVE_IMPORT)) reached.add(join(dirname(file), `${path}.d.ts`))
    writeFileSync(join(folder, file.replace(/\.ts$/, '.cts')), text.replaceAll(RELATIVE_IMPORT, "from '$1.cjs'"))
  }
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name)
    if (entry.isFile() && !reached.has(relative(folder, file).replace(/\.cts$/, '.ts'))) rmSync(file)
  }
  // What is copied into an image is copied with its empty folders.
  for (const room of readdirSync(folder, { withFileTypes: true })) {
    if (room.isDirectory() && readdirSync(join(folder, room.name)).length === 0) rmdirSync(join(folder, room.name))
  }
}

/** Lists the folders of the packages that were bundled, in whole or in part. */
function packagesIn (inputs) {
  return [...new Set(inputs.map(input => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1]).filter(Boolean))].sort()
}

/** Collects the licences of the bundled packages, which must be distributed with them. */
function licenses (folders) {
  return folders.map(folder => {
    const { name, version, license, author } = manifest(folder)
    const file = readdirSync(folder).find(entry => /^licen[cs]e/i.test(entry))
    const text = file === undefined ? standardText(name, license, author) : readFileSync(join(folder, file), 'utf8')
    return `${name} ${version} (${license})\n\n${text}`
  }).join('\n\n----\n\n')
}

/** The text of a licence that a package names but does not hold: this project's, with the package's author. */
function standardText (name, license, author) {
  const holder = author?.name ?? author
  if (license !== 'MIT' || holder === undefined) throw new Error(`${name} is bundled without the text of its licence (${license})`)
  return readFileSync('LICENSE', 'utf8').replace(/^Copyright.*$/m, `Copyright (c) ${holder}`)
}

/** Builds the bill of materials of bundled and installed packages, as CycloneDX. The same build gives the same bytes. */
function billOfMaterials (folders) {
  const { name, version, license } = manifest('.')
  const installed = Object.entries(JSON.parse(readFileSync('package-lock.json', 'utf8')).packages)
    .filter(([path, { dev }]) => path !== '' && dev !== true)
    .map(([path, { name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length), ...entry }]) => ({ name, ...entry }))
  // "(MIT OR Apache-2.0)" is an expression, which has no id.
  const licensesOf = license =>
    [/ (?:OR|AND|WITH) /.test(license) ? { expression: license.replace(/^\(|\)$/g, '') } : { license: { id: license } }]
  const component = ({ name, version, license, optional }) => {
    const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`
    return { type: 'library', name, version, scope: optional === true ? 'optional' : 'required', purl, licenses: licensesOf(license) }
  }
  // A package may be bundled with one library and installed with another.
  const components = new Map([...installed, ...folders.map(manifest)].map(component).map(found => [found.purl, found]))
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: { component: { type: 'application', name, version, purl: `pkg:npm/${name}@${version}`, licenses: licensesOf(license) } },
    components: [...components.values(), sqlite()]
  }
}

/** The library inside the driver of the Node.js that builds, which is no package. */
function sqlite () {
  const version = new Database(':memory:').prepare('SELECT sqlite_version()').pluck().get()
  const purl = `pkg:generic/sqlite@${version}`
  return { type: 'library', name: 'sqlite', version, scope: 'required', purl, licenses: [{ license: { id: 'blessing' } }] }
}

function manifest (folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
}
