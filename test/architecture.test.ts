import { cruise, type ICruiseResult, type IForbiddenRuleType } from 'dependency-cruiser'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import t from 'tap'
import { packageRoot } from '../src/package.js'

interface Rules {
  readonly ROOMS: Readonly<Record<string, readonly string[]>>
  readonly default: { readonly forbidden: IForbiddenRuleType[], readonly options: object }
}

const { ROOMS, default: configuration } = await import(new URL('../.dependency-cruiser.js', import.meta.url).href) as Rules
const page = readFileSync(join(packageRoot, 'docs/architecture.md'), 'utf8')

/** What the rules say of a project of a few files. */
async function violations (files: Readonly<Record<string, string>>): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'rooms-'))
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    const { forbidden, options } = configuration
    const { output } = await cruise(['src'], { ...options, baseDir: folder, validate: true, ruleSet: { forbidden } })
    return (output as ICruiseResult).summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`).sort()
  } finally {
    rmSync(folder, { recursive: true })
  }
}

t.test('the rules of the rooms', async t => {
  t.test('let a file import its own room and those below it', async t => {
    t.same(await violations({
      'src/domain/money.ts': 'export const usd = 1',
      'src/domain/plan.ts': "import { usd } from './money.js'\nexport const price = usd",
      'src/store/plans.ts': "import { price } from '../domain/plan.js'\nexport const plans = [price]",
      'src/index.ts': "import type { Problem } from './problem.js'\nexport type Mistake = Problem",
      'src/problem.ts': 'export interface Problem { readonly status: number }'
    }), [])
  })

  t.test('refuse an import that runs up, also of a type', async t => {
    t.same(await violations({
      'src/domain/plan.ts': "import type { Row } from '../store/plans.js'\nexport type Plan = Row",
      'src/store/plans.ts': "import { start } from '../server/start.js'\nexport interface Row { readonly id: typeof start }",
      'src/server/start.ts': 'export const start = 1'
    }), [
      'imports-of-domain: src/domain/plan.ts → src/store/plans.ts',
      'imports-of-store: src/store/plans.ts → src/server/start.ts'
    ])
  })

  t.test('refuse two files that import each other, also by their types alone', async t => {
    t.match(await violations({
      'src/domain/a.ts': "import type { B } from './b.js'\nexport interface A { readonly b: B }",
      'src/domain/b.ts': "import type { A } from './a.js'\nexport interface B { readonly a: A }"
    }), [/^no-circular: src\/domain\/a\.ts → src\/domain\/b\.ts$/])
  })

  t.test('refuse a library in the types that programs see', async t => {
    t.same(await violations({ 'src/contract/control.ts': "import type { Stats } from 'node:fs'\nexport type S = Stats" }),
      ['contract-stands-alone: src/contract/control.ts → fs'])
  })

  t.test('name every room there is, and lead down only', async t => {
    const rooms = Object.entries(ROOMS)
    t.same(readdirSync(join(packageRoot, 'src')).map(name => name.replace(/\.ts$/, '')).sort(), rooms.map(([room]) => room).sort())
    rooms.forEach(([, imported], index) => {
      const below = rooms.slice(0, index).map(([room]) => room)
      t.same(imported.filter(room => !below.includes(room)), [])
    })
  })
})

t.test('docs/architecture.md', async t => {
  t.test('shows every room with the rooms that it imports', async t => {
    const rows = [...page.matchAll(/^\| `([a-z-]+)(?:\/|\.ts)` \|([^|]*)\|/gm)].map(([, room, imported]) => [room, [...imported!.matchAll(/`([a-z-]+)`/g)].map(([, name]) => name)])
    t.same(rows, Object.entries(ROOMS).reverse())
  })

  t.test('has every file of src/ in its tree, and no other', async t => {
    const tree = page.split('\n## Files\n')[1]!.split('```')[1]!
    const shown: string[] = []
    let room = ''
    for (const [, indent, name] of tree.matchAll(/^( {2}| {4})([\w.-]+\/?)/gm)) {
      if (indent === '  ') room = ''
      if (name!.endsWith('/')) room = name!
      else shown.push(room + name!)
    }
    const files = readdirSync(join(packageRoot, 'src'), { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name).slice(join(packageRoot, 'src').length + 1))
    t.same(shown.sort(), files.sort())
  })
})
