#!/usr/bin/env node
import { surviveReaders } from './output.js'
import { handleSignals } from './shutdown.js'

surviveReaders()
const shutdown = handleSignals(process.env)
// Loading the rest takes most of the start, and a signal may come meanwhile.
const { runCommand } = await import('./command.js')
process.exitCode = await runCommand(process.argv.slice(2), process.env, shutdown)
