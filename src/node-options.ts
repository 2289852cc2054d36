import { Problem } from './problem.js'

/**
 * Throws a `Problem` if the process runs with an option of Node.js under which no emulator can. What the option does is tried, as it may come
 * from the command line, from NODE_OPTIONS, or from what has started a worker.
 */
export function checkNodeOptions ({ Function, Error }: Pick<typeof globalThis, 'Function' | 'Error'> = globalThis): void {
  if (Object.isFrozen(Error)) throw optionProblem('--frozen-intrinsics', 'better-sqlite3 can\'t find its binary')
  try {
    // Fastify and TypeBox make functions of texts as well.
    Function('')
  } catch {
    throw optionProblem('--disallow-code-generation-from-strings', 'requests can\'t be routed and checked')
  }
}

/** Throws a `Problem` in Bun, whose sockets and servers lack what the emulator needs of those of Node.js. */
export function checkRuntime ({ bun }: { readonly bun?: string } = process.versions as { readonly bun?: string }): void {
  if (bun === undefined) return
  throw new Problem(`Bun ${bun} can't run an emulator; start picky-emulator with Node.js, and control it from Bun with picky-assist-emulator/connect`)
}

/** Makes the `Problem` of an option of Node.js, which says what is impossible with it. */
export function optionProblem (option: string, impossible: string, remedy = 'leave it out'): Problem {
  return new Problem(`Node.js runs with ${option}, so that ${impossible}; ${remedy}, in NODE_OPTIONS as well`)
}

/** Options of Node.js that give a permission, by the name that errors have for it. */
const PERMISSIONS = {
  FileSystemRead: '--allow-fs-read',
  FileSystemWrite: '--allow-fs-write',
  ChildProcess: '--allow-child-process',
  WorkerThreads: '--allow-worker',
  Net: '--allow-net'
} as const

/** Makes the `Problem` of what Node.js does not permit, which names the option that would; `undefined` of any other error. */
export function permissionProblem (error: unknown): Problem | undefined {
  const { code, permission, resource } = Object(error) as { readonly code?: unknown, readonly permission: keyof typeof PERMISSIONS, readonly resource: string }
  return code === 'ERR_ACCESS_DENIED' ? lacking(permission, resource) : undefined
}

/** Throws a `Problem` if Node.js has a permission for the network and does not give it: to listen would then end the process. */
export function checkMayListen (
  { permission, allowedNodeEnvironmentFlags: flags }: Partial<Pick<NodeJS.Process, 'permission'>> & { readonly allowedNodeEnvironmentFlags: ReadonlySet<string> } = process
): void {
  if (flags.has('--allow-net') && permission?.has('net') === false) throw lacking('Net', '')
}

function lacking (permission: keyof typeof PERMISSIONS, resource: string): Problem {
  return new Problem(`Node.js runs with permissions, and needs ${PERMISSIONS[permission]} here${resource === '' ? '' : ` for ${resource}`}`)
}
