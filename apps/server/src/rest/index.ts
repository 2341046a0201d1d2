import type { Route } from '../http/route.ts'
import { fleetRoutes } from './agents/index.ts'
import { alertRoutes } from './alerts/index.ts'
import { authRoutes } from './auth/index.ts'
import { configRoutes } from './config/index.ts'
import { documentRoutes } from './document/index.ts'
import { eventRoutes } from './events/index.ts'
import { healthRoutes } from './health/index.ts'
import { hostRoutes } from './hosts/index.ts'
import { incidentRoutes } from './incidents/index.ts'
import { indicatorRoutes } from './indicators/index.ts'
import { keyRoutes } from './keys/index.ts'
import { metricsRoutes } from './metrics/index.ts'
import { organizationRoutes } from './organizations/index.ts'
import { ruleRoutes } from './rules/index.ts'
import { runRoutes } from './runs/index.ts'
import { userRoutes } from './users/index.ts'

/** Every REST route. A new one is a folder here, a line here, and a line in `access/permissions.ts`. */
export const restRoutes: readonly Route[] = [
  ...authRoutes,
  ...healthRoutes,
  ...keyRoutes,
  ...metricsRoutes,
  ...indicatorRoutes,
  ...ruleRoutes,
  ...fleetRoutes,
  ...runRoutes,
  ...hostRoutes,
  ...configRoutes,
  ...eventRoutes,
  ...alertRoutes,
  ...incidentRoutes,
  ...userRoutes,
  ...organizationRoutes,
  ...documentRoutes,
]
