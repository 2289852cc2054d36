import type { Shutdown } from '../../src/cli/shutdown.js'

/** For a command that runs in the test's own process, whose signals are not the command's. */
export const NO_SHUTDOWN: Shutdown = { stopBy () {}, ready: () => true, spareUserSignal () {}, leave: () => true }
