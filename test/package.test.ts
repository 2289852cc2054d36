import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { packageAround, packageRoot, version } from '../src/package.js'

const urlOf = (path: string): string => pathToFileURL(path).href

t.test('finds the folder of the package above any of its files', async t => {
  t.equal(packageAround(urlOf(join(packageRoot, 'dist/chunks/some.js'))), packageRoot)
  t.match(version, /^\d+\.\d+\.\d+/)
})

t.test('code that a bundler has put into another package, or into none, says so and what to do', async t => {
  const folder = t.testdir({ 'package.json': '{"name":"a-suite"}', dist: {} })
  const said = (into: string): string => `picky-assist-emulator was bundled${into}, away from the files that it needs; keep it out of the bundle ` +
    '(esbuild: --external:picky-assist-emulator, others: an external module), or import picky-assist-emulator/connect, which needs none'
  const bundles = [join(folder, 'dist/suite.js'), '/suite.js']
  for (const file of bundles) t.throws(() => packageAround(urlOf(file)), { name: 'Problem', message: said(` into ${file}`) })
  writeFileSync(join(folder, 'package.json'), '{}')
  t.throws(() => packageAround(urlOf(bundles[0]!)), { message: said(` into ${bundles[0]}`) })
  t.throws(() => packageAround(undefined), { message: said('') }, 'in a bundle that is a CommonJS module')
})
