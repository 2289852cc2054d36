import { lazyRouter } from './lazy-router.js'

/** Options for bundling the emulator, and everything that its start-up time is compared with. */
export const BUNDLE = {
  bundle: true,
  format: 'esm',
  minifySyntax: true,
  minifyWhitespace: true,
  lineLimit: 160
}

/**
 * Options for Node.js: CommonJS modules in the bundle get a `require`; the native module stays outside. Where somebody else's bundler has
 * left the URL out, the package says what is wrong as soon as it gets so far.
 */
export const NODE_BUNDLE = {
  ...BUNDLE,
  splitting: true,
  platform: 'node',
  target: 'node20',
  external: ['better-sqlite3', 'better-sqlite3-12'],
  chunkNames: 'chunks/[name]-[hash]',
  // Webpack replaces a createRequire that is imported by its name with nothing.
  banner: { js: "import ModuleOf from 'node:module'; const require = ModuleOf.createRequire(import.meta.url ?? 'file:///');" }
}

const output = { outdir: 'dist', outbase: 'src', entryNames: '[name]' }

/** The command and the library. Timers and time are the machine's for the libraries as well, whatever a test does to its globals. */
export const COMMAND = {
  ...NODE_BUNDLE,
  inject: ['src/machine.ts'],
  define: { 'process.nextTick': 'nextTick' },
  ...output,
  entryPoints: ['src/cli/cli.ts', 'src/index.ts'],
  plugins: [lazyRouter],
  alias: {
    'jsonc-parser': 'jsonc-parser/lib/esm/main.js', // its main file, a UMD module, can't be bundled
    // The app has Fastify load none of its compilers of schemas, which are a third of what it needs.
    '@fastify/ajv-compiler': './tools/nothing.js',
    '@fastify/fast-json-stringify-compiler': './tools/nothing.js',
    // No plugin asks for a version of Fastify, and no path has a regular expression, which Fastify's router would look at.
    semver: './tools/nothing.js',
    'safe-regex2': './tools/safe-regex.cjs'
  },
  metafile: true
}

/** `connect` alone, in one file without imports, which a browser can load as well. */
export const CLIENT = { ...BUNDLE, ...output, entryPoints: ['src/client/connect.ts'], platform: 'neutral', target: 'es2022' }

/** How a CommonJS module differs: it is one file, with a name that says what it is in a package of ES modules. */
const REQUIRED = { format: 'cjs', splitting: false, outExtension: { '.js': '.cjs' } }

/** The library for `require`. It lets Jest load the library, which by default can't load an ES module. */
export const LIBRARY_REQUIRED = {
  ...COMMAND,
  ...REQUIRED,
  entryPoints: ['src/index.ts'],
  banner: { js: "const importMetaUrl = require('node:url').pathToFileURL(__filename).href;" },
  define: { ...COMMAND.define, 'import.meta.url': 'importMetaUrl' },
  // Jest has none.
  supported: { 'dynamic-import': false }
}

/** What a Node.js program that is run unchanged loads first. It has no import of its own, for an early and quick start. */
export const REDIRECT = { ...BUNDLE, ...output, ...REQUIRED, entryPoints: ['src/redirect/redirect.ts'], platform: 'node', target: 'node18' }

/** `connect` for `require`. */
export const CLIENT_REQUIRED = { ...CLIENT, ...REQUIRED }

/** Web console: one script, one that exports, which is loaded when it is first needed, one style sheet, and the page that loads them. */
export const CONSOLE = {
  ...BUNDLE,
  outdir: 'dist/console',
  entryPoints: ['src/console/console.tsx', 'src/console/exporter.ts', 'src/console/console.css', 'src/console/index.html', 'src/console/icon.svg'],
  external: ['./exporter.js'],
  loader: { '.html': 'copy', '.svg': 'copy' },
  entryNames: '[name]',
  platform: 'browser',
  target: 'es2022',
  minify: true,
  jsx: 'automatic',
  jsxImportSource: 'preact',
  sourcemap: false,
  metafile: true
}
