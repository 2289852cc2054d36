#!/usr/bin/env node
import * as nodeModule from 'node:module'
import { surviveReaders } from './output.js'
import { handleSignals } from './shutdown.js'

// From Node.js 22.1 on, what is loaded below is compiled once and kept in the system's temporary folder, unless NODE_DISABLE_COMPILE_CACHE
// is set. An older one has no such function; this calls one that does nothing.
const { enableCompileCache = Object } = nodeModule as { readonly enableCompileCache?: () => unknown }
enableCompileCache()

surviveReaders()
const shutdown = handleSignals(process.env)
// Loading the rest takes most of the start, and a signal may come meanwhile.
const { runCommand } = await import('./command.js')
process.exitCode = await runCommand(process.argv.slice(2), process.env, shutdown)
