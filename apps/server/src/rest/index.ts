import type { Route } from '../http/route.ts'
import { fleetRoutes } from './agents/index.ts'
import { authRoutes } from './auth/index.ts'
import { healthRoutes } from './health/index.ts'
import { indicatorRoutes } from './indicators/index.ts'
import { metricsRoutes } from './metrics/index.ts'
import { ruleRoutes } from './rules/index.ts'

/** Every REST route. A new one is a folder here, a line here, and a line in `access/permissions.ts`. */
export const restRoutes: readonly Route[] = [
  ...authRoutes,
  ...healthRoutes,
  ...metricsRoutes,
  ...indicatorRoutes,
  ...ruleRoutes,
  ...fleetRoutes,
]
