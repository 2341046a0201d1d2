import type { FaultRow } from '../row.ts'
import { matrix } from './matrix.ts'

export const s4: FaultRow = {
  row: 'S4',
  promise:
    'Every route, field and topic of the API is asked as every role and as nobody, of the tenant that has something and of ' +
    'one that has nothing, over HTTP and WebSockets. Who may do what is the table, no more and no less; an operation without a ' +
    'line is refused; nobody is told what another tenant has.',
  short: (seed) => matrix(seed, 1),
  long: (seed) => matrix(seed, 7),
  planted: [
    {
      mistake: 'routes are not guarded',
      file: 'apps/server/src/http/guard.ts',
      find: 'permit(operation, identity.viewer, isLocal(request.socket.remoteAddress, request))',
      replace: '',
      breaks: 'let in against the table',
    },
    {
      mistake: 'fields are not guarded',
      file: 'apps/server/src/graphql/schema.ts',
      find: 'permit(operation, context.viewer, false)',
      replace: '',
      breaks: 'let in against the table',
    },
    {
      mistake: 'row-level security shows the rows of all tenants',
      file: 'packages/store/src/state/migrations/tenant-policy.ts',
      find: "    USING (tenant = current_setting('vedette.tenant', true))",
      replace: "    USING (tenant <> '')",
      breaks: 'answers with what another tenant has',
    },
  ],
}
