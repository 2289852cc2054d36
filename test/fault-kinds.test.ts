import { join } from 'node:path'
import t from 'tap'
import ts from 'typescript'
import { packageRoot } from '../src/package.js'

const TABLE = join(packageRoot, 'src/domain/fault.ts')

/** Every place that must deal with a new kind of fault: its delivery, the console's form, and the tests of both. */
const PLACES = ['src/console/fault-kinds.ts', 'src/server/deliver.ts', 'test/admin/faults.test.ts', 'test/console/faults.suite.ts']

/** The places that don't compile with the table as it is, or with one more row. */
function placesThatFail (row: string): string[] {
  const { options } = ts.parseJsonConfigFileContent(ts.readConfigFile(join(packageRoot, 'tsconfig.json'), ts.sys.readFile).config, ts.sys, packageRoot)
  const all = { ...options, jsx: ts.JsxEmit.ReactJSX, jsxImportSource: 'preact', lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts', 'lib.esnext.disposable.d.ts'] }
  const host = ts.createCompilerHost(all)
  const { getSourceFile } = host
  host.getSourceFile = (path, version, ...rest) => {
    const file = getSourceFile(path, version, ...rest)
    if (path !== TABLE || file === undefined) return file
    const text = file.text.replace('\n} as const satisfies Record<string, FaultEffect>', `,\n${row}$&`)
    return ts.createSourceFile(path, text, version, true)
  }
  const program = ts.createProgram(PLACES.map(place => join(packageRoot, place)), all, host)
  return PLACES.filter(place => program.getSemanticDiagnostics(program.getSourceFile(join(packageRoot, place))).length > 0)
}

t.test('a tenth kind of fault does not compile before delivery, console and tests have dealt with it', async t => {
  t.same(placesThatFail("  wrong_case: { says: 'x', delivers: 'replaced', onTheWire: 'x', fields: [] }"), PLACES)
})

t.test('the kinds there are compile', async t => {
  t.same(placesThatFail(''), [])
})
