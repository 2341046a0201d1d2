import type { FaultRow } from '../row.ts'
import { matrix } from './matrix.ts'

export const s4: FaultRow = {
  row: 'S4',
  promise:
    'Every route, field and topic of the API is asked as every role, as one that the tenant made of policies, and as nobody, of the ' +
    'tenant that has something and of one that has nothing, over HTTP and WebSockets. Who may do what is the table, no more and no less; an operation without a ' +
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
      mistake: 'a custom role is taken for an admin',
      file: 'apps/server/src/access/permissions.ts',
      find: 'if (allows) return allows(operation)',
      replace: 'if (allows) return true',
      breaks: 'let in against the table',
    },
    {
      mistake: 'what a policy forbids is permitted all the same',
      file: 'apps/server/src/access/custom-role.ts',
      find: "allowed: response?.decision === 'allow' && response.diagnostics.errors.length === 0,",
      replace: "allowed: answer.type === 'success' && response?.diagnostics.errors.length === 0,",
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
