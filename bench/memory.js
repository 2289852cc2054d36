// Measures an emulator's resident memory after more and more requests. Usage: node bench/memory.js [REQUESTS]
import { contenders } from './contenders.js'
import { pinning } from './pinning.js'
import { residentMegabytes, startGenerator, startServer } from './processes.js'
import { temporaryFolder } from './temporary-folder.js'

const maximum = Number(process.argv[2] ?? 1_000_000)
const folder = temporaryFolder()

const pins = pinning()
const generator = startGenerator()
console.log('|  | requests | MB | of the first |\n| --- | ---: | ---: | ---: |')
// Granted requests on a database in memory are left out: the ledger in it grows.
for (const contender of contenders(folder).filter(({ name }) => name === 'refused' || name === 'file')) {
  const server = await startServer(contender, pins)
  let served = 0
  let first
  for (const milestone of [10_000, 100_000, 1_000_000].filter(requests => requests <= maximum)) {
    while (served < milestone) {
      const { path, request, status } = contender
      const { requests } = await generator.load({ port: server.port, path, request, status, connections: 10, seconds: 1 })
      served += requests
    }
    const megabytes = residentMegabytes(server.pid)
    first ??= megabytes
    console.log(`| ${contender.title} | ${served} | ${megabytes.toFixed(0)} | ${(megabytes / first).toFixed(2)} |`)
  }
  await server.stop()
}
generator.stop()
