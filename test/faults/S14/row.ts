import type { FaultRow } from '../row.ts'
import { erasures } from './erasures.ts'

export const s14: FaultRow = {
  row: 'S14',
  promise:
    'A person is named in events, alerts, incidents, responses, rules and accounts of two tenants, in every field, in upper and ' +
    'lower case, next to escapes and other names; then the person is erased, and then a tenant. A dump of the whole state, a ' +
    'search of all events and a look into every file find nothing of them but what the signed proof says is kept; what ' +
    'others have is still there, to the row. Every response is taken back or said beforehand not to be.',
  short: (seed) => erasures(seed, { people: 1, events: 40 }),
  long: (seed) => erasures(seed, { people: 12, events: 400 }),
  planted: [
    {
      mistake: 'columns of JSON are not looked at',
      file: 'packages/store/src/privacy/personal-state.ts',
      find: "['text', 'character varying', 'json', 'jsonb']",
      replace: "['text', 'character varying']",
      breaks: 'rows of the state that name an erased person',
    },
    {
      mistake: 'a name right after an escape is no word',
      file: 'packages/store/src/privacy/named.ts',
      find: String.raw`|\\[nrtbf]|\\u[0-9A-Fa-f]{4}`,
      replace: '',
      breaks: 'events that name an erased person',
    },
    {
      mistake: 'other tenants of the organisation are forgotten',
      file: 'apps/server/src/privacy/erase.ts',
      find: 'return [manager.viewer.organisation, ...others.map(({ id }) => id)]',
      replace: 'return [manager.viewer.organisation]',
      breaks: 'events that name an erased person',
    },
    {
      mistake: 'a name within another name is taken for it',
      file: 'packages/store/src/privacy/named.ts',
      find: '($|[^0-9A-Za-z_])',
      replace: '()',
      breaks: 'rows and events of others that are missing',
    },
    {
      mistake: 'events of an erased tenant stay',
      file: 'apps/server/src/privacy/erase.ts',
      find: 'events += await services.events.personal(tenant).eraseAll()',
      replace: 'events += 0',
      breaks: 'rows and events of an erased tenant',
    },
  ],
}
