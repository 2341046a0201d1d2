import { z } from 'zod'
import type { Route } from '../../http/route.ts'
import { restRoute } from '../rest-route.ts'

/** Made at the first question: what it is made with need not be loaded at the start. */
const show = restRoute({
  method: 'GET',
  url: '/api/openapi.json',
  id: 'getDocument',
  tag: 'health',
  summary: 'This document.',
  answer: z.record(z.string(), z.unknown()),
  async handle({ services }) {
    const [{ openApiDocument }, { restRoutes }] = await Promise.all([
      import('./open-api.ts'),
      import('../index.ts'),
    ])
    return openApiDocument(restRoutes, services.version)
  },
})

export const documentRoutes: readonly Route[] = [show]
