import type { Account } from '@vedette/store'
import { z } from 'zod'
import { actingFor, type Route } from '../../http/route.ts'
import { existingAccount, peopleOf } from '../../people/manager.ts'
import {
  addUser,
  endSessions,
  removeUser,
  resetUser,
  setUserDisabled,
  setUserRole,
} from '../../people/users.ts'
import { cursorOf, placeOf } from '../cursor.ts'
import { iso, isoOrNull, moment, named, nextCursor, pageQuery } from '../forms.ts'
import { restRoute, type Told } from '../rest-route.ts'

const role = z
  .string()
  .min(1)
  .max(64)
  .meta({
    description: "viewer, analyst, responder, engineer, admin, auditor, or a role of the tenant's own.",
    examples: ['analyst'],
  })
const tenant = z
  .string()
  .min(1)
  .max(64)
  .optional()
  .meta({ description: 'Its id or name; the first one by default.' })
const byName = z.object({
  name: z
    .string()
    .min(1)
    .max(64)
    .meta({ description: 'Name or id.', examples: ['bea'] }),
})

const userSchema = named(
  'User',
  z.object({
    id: z.string(),
    name: z.string(),
    roles: z.array(z.object({ tenant: z.string(), role: z.string() })),
    disabled: z.boolean(),
    must_change: z.boolean().meta({
      description: 'The password was made by an admin; the next sign-in sets another.',
    }),
    second_factor: z.boolean(),
    created_at: moment,
    last_sign_in: moment.nullable(),
  }),
)
const withPassword = named(
  'UserWithPassword',
  z.object({
    user: userSchema,
    password: z.string().meta({ description: 'Told once; the first sign-in replaces it.' }),
  }),
)

const list = restRoute({
  method: 'GET',
  url: '/api/users',
  id: 'listUsers',
  tag: 'users',
  summary: 'People of the organisation, by name.',
  query: z.strictObject(pageQuery),
  answer: z.object({ users: z.array(userSchema), next_cursor: nextCursor }),
  async handle(passed) {
    const { limit, cursor } = passed.query
    const after = cursor === undefined ? undefined : placeOf(cursor, z.tuple([z.string()]))[0]
    const accounts = await peopleOf(actingFor(passed)).accounts.list()
    const begin = after === undefined ? 0 : accounts.findIndex(({ id }) => id === after) + 1
    const page = accounts.slice(begin, begin + limit)
    const last = page.at(-1)
    return {
      users: page.map(told),
      next_cursor: last && begin + limit < accounts.length ? cursorOf([last.id]) : null,
    }
  },
})

const show = restRoute({
  method: 'GET',
  url: '/api/users/:name',
  id: 'getUser',
  tag: 'users',
  summary: 'Somebody, by name or id.',
  params: byName,
  answer: userSchema,
  handle: async (passed) => told(await existingAccount(actingFor(passed), passed.params.name)),
})

const add = restRoute({
  method: 'POST',
  url: '/api/users',
  id: 'addUser',
  tag: 'users',
  summary: 'Makes an account with a password that is told once.',
  body: z.strictObject({
    name: z
      .string()
      .max(64)
      .meta({ examples: ['bea'] }),
    role,
    tenant,
  }),
  answer: withPassword,
  async handle(passed) {
    const { account, password } = await addUser(actingFor(passed), passed.body)
    return { user: told(account), password }
  },
})

const setRole = restRoute({
  method: 'PUT',
  url: '/api/users/:name/role',
  id: 'setUserRole',
  tag: 'users',
  summary: 'Sets what somebody is in a tenant; in force at their next request.',
  params: byName,
  body: z.strictObject({
    role: role.nullable().meta({ description: 'null: they are nothing there any more.' }),
    tenant,
  }),
  answer: userSchema,
  async handle(passed) {
    const { body, params } = passed
    const wanted = { name: params.name, role: body.role ?? undefined, tenant: body.tenant }
    return told(await setUserRole(actingFor(passed), wanted))
  },
})

const disable = restRoute({
  method: 'POST',
  url: '/api/users/:name/disable',
  id: 'disableUser',
  tag: 'users',
  summary: 'Shuts somebody out, sessions and all.',
  params: byName,
  answer: userSchema,
  handle: async (passed) => told(await setUserDisabled(actingFor(passed), passed.params.name, true)),
})

const enable = restRoute({
  method: 'POST',
  url: '/api/users/:name/enable',
  id: 'enableUser',
  tag: 'users',
  summary: 'Lets somebody in again.',
  params: byName,
  answer: userSchema,
  handle: async (passed) => told(await setUserDisabled(actingFor(passed), passed.params.name, false)),
})

const reset = restRoute({
  method: 'POST',
  url: '/api/users/:name/reset',
  id: 'resetUser',
  tag: 'users',
  summary: 'A new password, told once, and the end of all sessions.',
  params: byName,
  body: z.strictObject({
    second_factor: z.boolean().default(false).meta({ description: 'Takes that away too.' }),
  }),
  answer: withPassword,
  async handle(passed) {
    const { params, body } = passed
    const { account, password } = await resetUser(actingFor(passed), params.name, body.second_factor)
    return { user: told(account), password }
  },
})

const end = restRoute({
  method: 'POST',
  url: '/api/users/:name/sessions/end',
  id: 'endUserSessions',
  tag: 'users',
  summary: 'Ends one session of somebody, or all, within a second.',
  params: byName,
  body: z.strictObject({ session: z.string().max(64).optional() }),
  answer: z.object({ sessions_ended: z.int() }),
  handle: async (passed) => ({
    sessions_ended: await endSessions(actingFor(passed), passed.params.name, passed.body.session),
  }),
})

const remove = restRoute({
  method: 'DELETE',
  url: '/api/users/:name',
  id: 'removeUser',
  tag: 'users',
  summary: 'Removes an account.',
  params: byName,
  answer: userSchema,
  handle: async (passed) => told(await removeUser(actingFor(passed), passed.params.name)),
})

/** People of the viewer's organisation. */
export const userRoutes: readonly Route[] = [list, add, show, setRole, disable, enable, reset, end, remove]

function told(account: Account): Told<z.output<typeof userSchema>> {
  return {
    id: account.id,
    name: account.name,
    roles: account.roles,
    disabled: account.disabled,
    must_change: account.mustChange,
    second_factor: account.secondFactor,
    created_at: iso(account.createdAt),
    last_sign_in: isoOrNull(account.lastSignIn),
  }
}
