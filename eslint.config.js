import regexp from 'eslint-plugin-regexp'
import neostandard, { plugins } from 'neostandard'

const purity = 'src/domain/ is pure: values in, values out.'

const machine = 'A test may have replaced it: bind it when the module is loaded, as src/machine.ts does.'
const globals = ['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate', 'queueMicrotask']

export default [
  ...neostandard({ ts: true, ignores: ['dist', '.tap', '.test'] }),
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true } },
    plugins: { '@typescript-eslint': plugins['typescript-eslint'].plugin },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-explicit-any': 'error'
    }
  },
  {
    files: ['test/**/*.ts'],
    rules: { '@typescript-eslint/no-floating-promises': 'off' }
  },
  {
    files: ['src/**/*.ts'],
    // A browser runs the export as well.
    ignores: ['src/console/**', 'src/export/**', 'src/machine.ts'],
    rules: {
      'no-restricted-globals': ['error',
        ...[...globals, 'performance', 'fetch', 'AbortController', 'AbortSignal'].map(name => ({ name, message: machine })),
        ...['URL', 'URLSearchParams'].map(name => ({ name, message: 'An environment such as jsdom has another one: import it from node:url.' }))],
      'no-restricted-imports': ['error', { paths: ['node:timers', 'node:timers/promises'].map(name => ({ name, message: machine })) }],
      'no-restricted-properties': ['error',
        { object: 'Date', property: 'now', message: machine },
        { object: 'process', property: 'nextTick', message: machine },
        { object: 'AbortSignal', property: 'timeout', message: machine },
        { object: 'AbortSignal', property: 'any', message: 'Node.js 20.0 has none.' }],
      'no-restricted-syntax': ['error', { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: machine }]
    }
  },
  {
    files: ['src/**/*.{ts,tsx}'],
    plugins: { regexp },
    // Any text can arrive: the time of a pattern must not grow with the square of a row of characters in it.
    rules: {
      'regexp/no-super-linear-backtracking': ['error', { report: 'potential' }],
      'regexp/no-super-linear-move': ['error', { report: 'potential', ignoreSticky: true }]
    }
  },
  {
    files: ['src/domain/**/*.ts'],
    rules: {
      'no-restricted-imports': ['error', { patterns: [{ regex: '^(?!\\./)', message: `${purity} It imports only itself.` }] }],
      'no-restricted-globals': ['error', ...['process', 'Buffer', 'setTimeout', 'setInterval', 'setImmediate', 'fetch', 'console', 'performance', 'crypto'].map(name => ({ name, message: purity }))],
      'no-restricted-properties': ['error',
        { object: 'Date', property: 'now', message: 'Time is an argument.' },
        { object: 'Math', property: 'random', message: 'Randomness has a seed, and it is an argument.' }],
      'no-restricted-syntax': ['error', { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: 'Time is an argument.' }]
    }
  }
]
