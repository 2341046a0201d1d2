import type { Route } from '../../http/route.ts'

/** Figures in Prometheus' text format. */
const metrics: Route = {
  method: 'GET',
  url: '/metrics',
  async handle({ reply, services }) {
    const text = await services.metrics.text()
    return reply.header('content-type', services.metrics.contentType).send(text)
  },
}

export const metricsRoutes: readonly Route[] = [metrics]
