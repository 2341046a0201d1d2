import { once } from 'node:events'
import { createServer } from 'node:net'
import { CliError } from '../cli-error.ts'
import { exitCodes } from '../exit-codes.ts'

/**
 * Sees that nobody else listens there, before stores are made that would then have to be stopped again. The server finds
 * out by itself whatever else stands in its way.
 *
 * @throws {CliError} `port-in-use`
 */
export async function refuseTakenPort({
  host,
  port,
}: {
  readonly host: string
  readonly port: number
}): Promise<void> {
  if (port === 0) return
  const server = createServer()
  try {
    server.listen({ host, port, exclusive: true })
    await once(server, 'listening')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') return
    throw new CliError(
      'port-in-use',
      exitCodes.failure,
      `Port ${port} of ${host} is taken by another program`,
      'Stop that program, name another port with --port, or take a free one with --port 0',
    )
  } finally {
    server.close()
  }
}
