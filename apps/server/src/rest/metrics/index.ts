import { z } from 'zod'
import type { Route } from '../../http/route.ts'
import { restRoute } from '../rest-route.ts'

const metrics = restRoute({
  method: 'GET',
  url: '/metrics',
  id: 'getMetrics',
  tag: 'health',
  summary: "Figures in Prometheus' text format.",
  media: ['text/plain'],
  answer: z.string(),
  async handle({ reply, services }) {
    const text = await services.metrics.text()
    return reply.header('content-type', services.metrics.contentType).send(text)
  },
})

export const metricsRoutes: readonly Route[] = [metrics]
