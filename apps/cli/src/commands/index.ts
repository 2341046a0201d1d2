import type { CommandDefinition } from '../command.ts'
import { agent } from './agent/index.ts'
import { agents } from './agents/index.ts'
import { alerts } from './alerts/index.ts'
import { allow } from './allow/index.ts'
import { audit } from './audit/index.ts'
import { backup } from './backup/index.ts'
import { completion } from './completion/index.ts'
import { config } from './config/index.ts'
import { demo } from './demo/index.ts'
import { enroll } from './enroll/index.ts'
import { events } from './events/index.ts'
import { fleet } from './fleet/index.ts'
import { flows } from './flows/index.ts'
import { health } from './health/index.ts'
import { hunt } from './hunt/index.ts'
import { incident } from './incident/index.ts'
import { indicators } from './indicators/index.ts'
import { integrity } from './integrity/index.ts'
import { inventory } from './inventory/index.ts'
import { loadTest } from './load-test/index.ts'
import { keys } from './keys/index.ts'
import { metrics } from './metrics/index.ts'
import { migrate } from './migrate/index.ts'
import { monitor } from './monitor/index.ts'
import { organisations } from './organisations/index.ts'
import { privacy } from './privacy/index.ts'
import { providers } from './providers/index.ts'
import { records } from './records/index.ts'
import { replay } from './replay/index.ts'
import { respond } from './respond/index.ts'
import { restore } from './restore/index.ts'
import { roles } from './roles/index.ts'
import { rules } from './rules/index.ts'
import { scan } from './scan/index.ts'
import { sessions } from './sessions/index.ts'
import { stateLines } from './state-lines/index.ts'
import { status } from './status/index.ts'
import { tenants } from './tenants/index.ts'
import { tokens } from './tokens/index.ts'
import { up } from './up/index.ts'
import { users } from './users/index.ts'

/** Every command, in the order of `vedette --help`. */
export const commands: readonly CommandDefinition[] = [
  up,
  demo,
  status,
  monitor,
  alerts,
  events,
  hunt,
  flows,
  replay,
  sessions,
  scan,
  integrity,
  inventory,
  incident,
  respond,
  indicators,
  allow,
  rules,
  agents,
  fleet,
  enroll,
  agent,
  records,
  users,
  roles,
  tenants,
  organisations,
  providers,
  tokens,
  health,
  metrics,
  keys,
  audit,
  privacy,
  migrate,
  backup,
  restore,
  loadTest,
  config,
  completion,
  stateLines,
]
