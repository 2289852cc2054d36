import { join } from 'node:path'
import t from 'tap'
import ts from 'typescript'
import { effort } from './support/effort.js'
import { packageRoot } from '../src/package.js'

const TABLE = join(packageRoot, 'src/domain/fault.ts')

/** Every place that must deal with a new kind of fault: the console's form, its delivery, and the tests of both. All but the first take long to compile. */
const PLACES = ['src/console/fault-kinds.ts', ...effort([], ['src/server/deliver.ts', 'test/admin/faults.test.ts', 'test/console/faults.suite.ts'])]

/** The places that the compiler finds wrong when the table has one more row, called `tenth_kind`. */
function placesThatFail (row: string): string[] {
  const { config } = ts.readConfigFile(join(packageRoot, 'tsconfig.json'), ts.sys.readFile) as { config: unknown }
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, packageRoot)
  const lib = ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts', 'lib.esnext.disposable.d.ts']
  // The form alone needs nothing of a page or of Node.js, whose declarations take longer to read than all else.
  const withConsole = { ...options, ...effort({ lib: ['lib.es5.d.ts'], types: [] }, { lib }), jsx: ts.JsxEmit.ReactJSX, jsxImportSource: 'preact' }
  const host = ts.createCompilerHost(withConsole)
  const { getSourceFile } = host
  host.getSourceFile = (path, version, ...rest) => {
    const file = getSourceFile(path, version, ...rest)
    if (path !== TABLE || file === undefined) return file
    const text = file.text.replace('\n} as const satisfies Record<string, FaultEffect>', `,\n  tenth_kind: ${row}$&`)
    return ts.createSourceFile(path, text, version, true)
  }
  const program = ts.createProgram(PLACES.map(place => join(packageRoot, place)), withConsole, host)
  return PLACES.filter(place => program.getSemanticDiagnostics(program.getSourceFile(join(packageRoot, place)))
    .some(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n').includes('tenth_kind')))
}

t.test('a tenth kind of fault does not compile before delivery, console and tests have dealt with it', async t => {
  t.same(placesThatFail("{ says: 'x', delivers: 'replaced', onTheWire: 'x', overTls: 'x', fields: [] }"), PLACES)
})
