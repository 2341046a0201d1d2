import Fastify from 'fastify'
import { type ListenAddress, listenError } from '../listen-address.ts'
import type { Services } from '../services.ts'

/** A second address that has nothing but `GET /metrics`, for a scraper on this machine. */
export async function serveMetrics(services: Services, address: ListenAddress): Promise<AsyncDisposable> {
  const app = Fastify({ logger: false, forceCloseConnections: true, requestTimeout: 10_000 })
  app.get('/metrics', async (_request, reply) => {
    const text = await services.metrics.text()
    return reply.header('content-type', services.metrics.contentType).send(text)
  })
  try {
    await app.listen({ host: address.host, port: address.port })
  } catch (error) {
    await app.close()
    throw listenError(error, address)
  }
  return { [Symbol.asyncDispose]: () => app.close() }
}
