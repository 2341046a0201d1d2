import { roles } from '@vedette/store'
import { createKey, listKeys, revokeKey } from '../../people/keys.ts'
import { existingAccount, peopleOf } from '../../people/manager.ts'
import { addTenant, listTenants, renameTenant } from '../../people/tenants.ts'
import {
  addUser,
  endSessions,
  removeUser,
  resetUser,
  setUserDisabled,
  setUserRole,
} from '../../people/users.ts'
import type { Resource } from '../builder.ts'
import { boundedText } from '../page.ts'

const DAY_MS = 86_400_000
const MANY = { field: 5, multiplier: 100 }

/** People of an organisation, its tenants, and keys of programs. */
export const people: Resource = (builder) => {
  builder.objectType('AccountRole', {
    fields: (t) => ({
      tenant: t.exposeID('tenant'),
      role: t.exposeString('role', {
        description: `${roles.join(', ')}, or the name of a role of the tenant's own.`,
      }),
    }),
  })
  builder.objectType('Account', {
    description: 'Somebody who may sign in.',
    fields: (t) => ({
      id: t.exposeID('id'),
      name: t.exposeString('name'),
      roles: t.field({ type: ['AccountRole'], resolve: ({ roles: all }) => [...all] }),
      disabled: t.exposeBoolean('disabled'),
      must_change: t.exposeBoolean('mustChange', {
        description: 'The password was made by an admin; the next sign-in sets another.',
      }),
      second_factor: t.exposeBoolean('secondFactor', { description: 'One-time passwords are on.' }),
      passkeys: t.exposeInt('passkeys'),
      issuer: t.field({
        type: 'String',
        nullable: true,
        description: 'The identity provider that proves them; null for those with a password here.',
        resolve: ({ issuer }) => issuer ?? null,
      }),
      created_at: t.expose('createdAt', { type: 'DateTime' }),
      last_sign_in: t.field({
        type: 'DateTime',
        nullable: true,
        resolve: ({ lastSignIn }) => lastSignIn ?? null,
      }),
    }),
  })
  builder.objectType('AccountWithPassword', {
    fields: (t) => ({
      account: t.expose('account', { type: 'Account' }),
      password: t.exposeString('password', { description: 'Told once; the first sign-in replaces it.' }),
    }),
  })
  builder.objectType('AccountSession', {
    fields: (t) => ({
      id: t.exposeID('id'),
      account: t.exposeID('account'),
      tenant: t.id({ resolve: ({ inTenant }) => inTenant }),
      created_at: t.expose('createdAt', { type: 'DateTime' }),
      expires_at: t.expose('expiresAt', { type: 'DateTime' }),
      address: t.exposeString('address'),
      program: t.exposeString('program', { description: 'What the browser said of itself.' }),
    }),
  })
  builder.objectType('Tenant', {
    fields: (t) => ({
      id: t.exposeID('id'),
      name: t.exposeString('name'),
      created_at: t.field({
        type: 'DateTime',
        nullable: true,
        resolve: ({ createdAt }) => createdAt ?? null,
      }),
    }),
  })
  builder.objectType('ApiKey', {
    description: 'What a program signs in with.',
    fields: (t) => ({
      id: t.exposeID('id'),
      name: t.exposeString('name'),
      tenant: t.exposeID('tenant'),
      role: t.exposeString('role'),
      operations: t.stringList({
        nullable: true,
        description: 'What it is for, of that which the role may do; null for all of it.',
        resolve: ({ operations }) => (operations ? [...operations] : null),
      }),
      made_by: t.exposeString('madeBy'),
      own: t.boolean({
        description: 'Of whoever made it: it is never more than they are.',
        resolve: ({ account }) => account !== undefined,
      }),
      created_at: t.expose('createdAt', { type: 'DateTime' }),
      expires_at: t.field({
        type: 'DateTime',
        nullable: true,
        resolve: ({ expiresAt }) => expiresAt ?? null,
      }),
      last_used_at: t.field({
        type: 'DateTime',
        nullable: true,
        resolve: ({ lastUsedAt }) => lastUsedAt ?? null,
      }),
    }),
  })
  builder.objectType('NewApiKey', {
    fields: (t) => ({
      key: t.expose('key', { type: 'ApiKey' }),
      token: t.exposeString('token', { description: 'Told once; only its hash is kept.' }),
    }),
  })

  builder.queryFields((t) => ({
    accounts: t.field({
      type: ['Account'],
      description: 'People of the organisation, by name.',
      complexity: MANY,
      resolve: (_root, _args, context) => peopleOf(context).accounts.list(),
    }),
    account_sessions: t.field({
      type: ['AccountSession'],
      description: 'Where somebody is signed in, or everybody, newest first.',
      args: { name: t.arg.string() },
      complexity: MANY,
      resolve: async (_root, { name }, context) => {
        if (name === null || name === undefined) {
          return peopleOf(context).sessions.list(undefined, context.services.clock.now())
        }
        const { id } = await existingAccount(context, boundedText('name', name, 64))
        return peopleOf(context).sessions.list(id, context.services.clock.now())
      },
    }),
    tenants: t.field({
      type: ['Tenant'],
      description: 'Tenants of the organisation.',
      complexity: MANY,
      resolve: (_root, _args, context) => listTenants(context),
    }),
    api_keys: t.field({
      type: ['ApiKey'],
      complexity: MANY,
      resolve: (_root, _args, context) => listKeys(context),
    }),
  }))

  builder.mutationFields((t) => {
    const name = t.arg.string({ required: true })
    const tenant = t.arg.string({ description: 'Its id or name; the first one by default.' })
    return {
      addUser: t.field({
        type: 'AccountWithPassword',
        args: { name, role: t.arg.string({ required: true }), tenant },
        resolve: (_root, args, context) => addUser(context, args),
      }),
      setUserRole: t.field({
        type: 'Account',
        description: 'Left out, the role in that tenant is taken away.',
        args: { name, role: t.arg.string(), tenant },
        resolve: (_root, { role, ...args }, context) =>
          setUserRole(context, {
            ...args,
            role: role ?? undefined,
          }),
      }),
      disableUser: t.field({
        type: 'Account',
        args: { name },
        resolve: (_root, args, context) => setUserDisabled(context, args.name, true),
      }),
      enableUser: t.field({
        type: 'Account',
        args: { name },
        resolve: (_root, args, context) => setUserDisabled(context, args.name, false),
      }),
      removeUser: t.field({
        type: 'Account',
        args: { name },
        resolve: (_root, args, context) => removeUser(context, args.name),
      }),
      resetUser: t.field({
        type: 'AccountWithPassword',
        description: 'A new password, and the end of all sessions.',
        args: {
          name,
          second_factor: t.arg.boolean({ defaultValue: false, description: 'And passkeys: those too.' }),
        },
        resolve: (_root, args, context) => resetUser(context, args.name, args.second_factor ?? false),
      }),
      endSessions: t.int({
        description: 'Ends one session of somebody, or all; tells how many.',
        args: { name, session: t.arg.id() },
        resolve: (_root, args, context) => endSessions(context, args.name, args.session ?? undefined),
      }),
      addTenant: t.field({
        type: 'Tenant',
        args: { name },
        resolve: (_root, args, context) => addTenant(context, args.name),
      }),
      renameTenant: t.field({
        type: 'Tenant',
        args: { tenant: t.arg.string({ required: true }), name },
        resolve: (_root, args, context) => renameTenant(context, args.tenant, args.name),
      }),
      createApiKey: t.field({
        type: 'NewApiKey',
        args: {
          name,
          role: t.arg.string({ required: true }),
          tenant,
          operations: t.arg.stringList({
            description: 'Such as `Query.alert`, `GET /indicators/*`. Left out: all that the role may do.',
          }),
          expires_at: t.arg({ type: 'DateTime', description: 'In 90 days by default; a year at most.' }),
        },
        resolve: (_root, { expires_at: expiresAt, ...args }, context) =>
          createKey(context, {
            ...args,
            expiresAt: expiresAt ?? context.services.clock.now() + 90 * DAY_MS,
          }),
      }),
      revokeApiKey: t.field({
        type: 'ApiKey',
        args: { key: t.arg.string({ required: true, description: 'Its id or name.' }) },
        resolve: (_root, args, context) => revokeKey(context, args.key),
      }),
    }
  })
}
