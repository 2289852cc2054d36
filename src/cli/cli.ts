#!/usr/bin/env node
import { mkdirSync } from 'node:fs'
import * as nodeModule from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { surviveReaders } from './output.js'
import { handleSignals } from './shutdown.js'

// From Node.js 22.1 on, what is loaded below is compiled once and kept in the system's temporary folder, unless NODE_DISABLE_COMPILE_CACHE
// is set. Node.js would make a temporary folder that is missing, and below /proc some versions try to for ever; so only its own folder is
// made here.
const { enableCompileCache } = nodeModule as { readonly enableCompileCache?: (folder: string) => unknown }
if (enableCompileCache !== undefined && process.env.NODE_DISABLE_COMPILE_CACHE === undefined) {
  const folder = join(tmpdir(), 'node-compile-cache')
  try {
    mkdirSync(folder)
    enableCompileCache(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') enableCompileCache(folder)
  }
}

surviveReaders()
const shutdown = handleSignals(process.env)
// Loading the rest takes most of the start, and a signal may come meanwhile.
const { runCommand } = await import('./command.js')
process.exitCode = await runCommand(process.argv.slice(2), process.env, shutdown)
