/** How the emulator is bundled, and with it whatever its start-up time is compared to. */
export const BUNDLE = {
  bundle: true,
  format: 'esm',
  sourcemap: true,
  sourcesContent: false,
  minifySyntax: true,
  minifyWhitespace: true,
  lineLimit: 160
}

/** For Node.js: CommonJS modules within the bundle still find `require`; the native module stays outside. */
export const NODE_BUNDLE = {
  ...BUNDLE,
  splitting: true,
  platform: 'node',
  target: 'node20',
  external: ['better-sqlite3'],
  chunkNames: 'chunks/[name]-[hash]',
  banner: { js: "import { createRequire as createRequireOf } from 'node:module'; const require = createRequireOf(import.meta.url);" }
}
