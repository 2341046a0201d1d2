/**
 * `node let-in.ts COUNT FILE`, with a server's settings on standard input: starts the server, lets so many agents in, writes
 * them to the file and says that it is ready; stops when it is told to.
 */
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { silentLogger, systemClock } from '@vedette/base'
import { serverSettingsSchema } from '../../../apps/server/src/settings.ts'
import { startServer } from '../../../apps/server/src/start.ts'
import { makeMembers } from './identities.ts'

const [, , count = '', file = ''] = process.argv
const [line] = (await once(createInterface({ input: process.stdin }), 'line')) as [string]
const stopped = once(process, 'SIGTERM')
const server = await startServer(serverSettingsSchema.parse(JSON.parse(line)), {
  clock: systemClock,
  log: silentLogger,
})
writeFileSync(file, JSON.stringify(await makeMembers(server, Number(count))), { mode: 0o600 })
process.stdout.write(`${JSON.stringify({ type: 'ready', url: server.url, setupNeeded: false })}\n`)
await stopped
await server[Symbol.asyncDispose]()
process.exit(0)
