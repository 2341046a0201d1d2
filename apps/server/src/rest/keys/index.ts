import { CodedError } from '@vedette/base'
import { DEFAULT_TENANT } from '@vedette/model'
import { z } from 'zod'
import type { Viewer } from '../../access/viewer.ts'
import { PublicError } from '../../access/public-error.ts'
import { type Route, signedIn } from '../../http/route.ts'
import type { Services } from '../../services.ts'
import { iso, moment, named } from '../forms.ts'
import { restRoute } from '../rest-route.ts'

const keysSchema = named(
  'Keys',
  z
    .object({
      master: z
        .object({
          id: z.string(),
          from: z.enum(['generated', 'key', 'passphrase']),
          since: moment,
        })
        .nullable()
        .meta({ description: 'The key that all others are wrapped with; null where there are none yet.' }),
      keys: z.array(
        z.object({
          class: z.string().meta({ description: 'What it is for.', examples: ['state'] }),
          tenant: z.string().meta({ description: 'Whose; empty where it is nobody\u2019s.' }),
          id: z.string(),
          created_at: moment,
          before: z.int().meta({ description: 'Keys before it, which still open what they sealed.' }),
        }),
      ),
      pending: z
        .int()
        .meta({ description: 'Secrets that are still sealed with a key before the one in use.' }),
    })
    .meta({ description: 'The keys of the server: ids and ages, and nothing of the keys themselves.' }),
)

const rotateSchema = z.strictObject({
  what: z.enum(['data', 'master']).default('data').meta({
    description: '`data`: new keys for what is sealed from now on. `master`: what these are wrapped with.',
  }),
})

const show = restRoute({
  method: 'GET',
  url: '/api/keys',
  id: 'getKeys',
  tag: 'config',
  summary: 'The keys of the server, by id and age.',
  answer: keysSchema,
  handle: (passed) => {
    houseOnly(signedIn(passed))
    return told(passed.services)
  },
})

const rotate = restRoute({
  method: 'POST',
  url: '/api/keys/rotate',
  id: 'rotateKeys',
  tag: 'config',
  summary: 'Makes new keys; what was sealed with those before is sealed anew in the background.',
  body: rotateSchema,
  answer: named(
    'RotatedKeys',
    z.object({
      made: z.int().meta({ description: 'Keys that were made.' }),
      kept: z.string().nullable().meta({ description: 'File in which the master key of before is kept.' }),
    }),
  ),
  async handle(passed) {
    const { services, body } = passed
    const viewer = signedIn(passed)
    houseOnly(viewer)
    const { audited, keys } = services
    const act = { actor: viewer.name, action: 'keys.rotate', target: `${body.what} keys`, detail: {} }
    return audited.act(act, () => Promise.resolve(rotated(keys, body.what)))
  },
})

function rotated(keys: Services['keys'], what: 'data' | 'master') {
  if (what === 'data') return { made: keys.rotate(), kept: null }
  try {
    return { made: 1, kept: keys.rotateMaster() ?? null }
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    throw new PublicError(
      'bad-input',
      `${error.message}: stop Vedette, then 'vedette keys rotate --master --to ...'`,
    )
  }
}

/** Keys are the house's and not a tenant's: whoever owns the first organisation sees to them. */
function houseOnly(viewer: Viewer): void {
  if (viewer.organisation !== DEFAULT_TENANT) {
    throw new PublicError('forbidden', 'The keys are seen to by the organisation that runs this server')
  }
}

async function told({ keys }: Services) {
  const status = keys.status()
  return {
    master: status ? { ...status.master, since: iso(status.master.since) } : null,
    keys: (status?.keys ?? []).map(({ class: of, tenant, id, createdAt, before }) => ({
      class: of,
      tenant,
      id,
      created_at: iso(createdAt),
      before,
    })),
    pending: await keys.pending(),
  }
}

export const keyRoutes: readonly Route[] = [show, rotate]
