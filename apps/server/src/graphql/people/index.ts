import { roles } from '@vedette/store'
import { createKey, listKeys, revokeKey } from '../../people/keys.ts'
import { existingAccount, peopleOf } from '../../people/manager.ts'
import { addTenant, listTenants, renameTenant } from '../../people/tenants.ts'
import { addOrganisation, listOrganisations } from '../../people/organisations.ts'
import { listProviders, removeProvider, setProvider } from '../../people/providers.ts'
import { listRoles, removeRole, setRole, testRole } from '../../people/roles.ts'
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

  builder.objectType('CustomRole', {
    description: "A role of a tenant's own, as Cedar policies.",
    fields: (t) => ({
      name: t.exposeString('name'),
      tenant: t.exposeID('tenant'),
      description: t.exposeString('description'),
      policies: t.exposeString('policies'),
      updated_at: t.expose('updatedAt', { type: 'DateTime' }),
      updated_by: t.exposeString('updatedBy'),
    }),
  })
  builder.objectType('RoleDecision', {
    description: 'What a role says of an operation.',
    fields: (t) => ({
      allowed: t.exposeBoolean('allowed'),
      policies: t.intList({
        description: 'The policies that decided, counted from 1.',
        resolve: ({ policies }) => [...policies],
      }),
    }),
  })
  builder.objectType('ProviderRole', {
    fields: (t) => ({
      value: t.exposeString('value', { description: 'Of the claim.' }),
      tenant: t.exposeID('tenant'),
      role: t.exposeString('role'),
    }),
  })
  builder.objectType('IdentityProvider', {
    description: 'Who proves people (OpenID Connect).',
    fields: (t) => ({
      id: t.exposeID('id'),
      name: t.exposeString('name'),
      issuer: t.exposeString('issuer'),
      client_id: t.exposeString('clientId'),
      has_secret: t.boolean({ resolve: ({ clientSecret }) => clientSecret !== undefined }),
      role_claim: t.exposeString('roleClaim'),
      roles: t.field({ type: ['ProviderRole'], resolve: ({ roleMap }) => [...roleMap] }),
      created_at: t.expose('createdAt', { type: 'DateTime' }),
    }),
  })
  const providerRole = builder.inputType('ProviderRoleInput', {
    fields: (t) => ({
      value: t.string({ required: true }),
      role: t.string({ required: true }),
      tenant: t.string({ description: 'Its id or name; the first one by default.' }),
    }),
  })
  builder.objectType('Organisation', {
    description: 'People and tenants that know nothing of those of another one.',
    fields: (t) => ({
      id: t.exposeID('id'),
      name: t.exposeString('name'),
      created_at: t.expose('createdAt', { type: 'DateTime' }),
    }),
  })
  builder.objectType('NewOrganisation', {
    fields: (t) => ({
      organisation: t.expose('organisation', { type: 'Organisation' }),
      sign_in_name: t.exposeString('signInName', { description: 'Of its first admin.' }),
      password: t.exposeString('password', { description: 'Told once; the first sign-in replaces it.' }),
    }),
  })

  builder.queryFields((t) => ({
    custom_roles: t.field({
      type: ['CustomRole'],
      description: "Roles of the tenants' own.",
      complexity: MANY,
      resolve: (_root, _args, context) => listRoles(context),
    }),
    test_role: t.field({
      type: 'RoleDecision',
      description: 'What a role says of an operation, such as `Mutation.closeIncident`.',
      args: {
        role: t.arg.string({ required: true }),
        operation: t.arg.string({ required: true }),
        tenant: t.arg.string({ description: 'Its id or name; the first one by default.' }),
      },
      resolve: (_root, args, context) => testRole(context, args),
    }),
    identity_providers: t.field({
      type: ['IdentityProvider'],
      complexity: MANY,
      resolve: (_root, _args, context) => listProviders(context),
    }),
    organisations: t.field({
      type: ['Organisation'],
      description: 'All but the first.',
      complexity: MANY,
      resolve: (_root, _args, context) => listOrganisations(context),
    }),
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
      setCustomRole: t.field({
        type: 'CustomRole',
        description:
          'Makes a role, or changes what one allows: in force at the next request of whoever has it.',
        args: {
          name,
          policies: t.arg.string({ required: true, description: 'Cedar.' }),
          description: t.arg.string(),
          tenant,
        },
        resolve: (_root, args, context) => setRole(context, args),
      }),
      removeCustomRole: t.field({
        type: 'CustomRole',
        description: 'Removes a role that nobody has.',
        args: { name, tenant },
        resolve: (_root, args, context) => removeRole(context, args.name, args.tenant),
      }),
      setIdentityProvider: t.field({
        type: 'IdentityProvider',
        description: 'Makes one known, or changes the one of that name.',
        args: {
          name,
          issuer: t.arg.string({ required: true }),
          client_id: t.arg.string({ required: true }),
          client_secret: t.arg.string({ description: 'Left out, the one that is known stays.' }),
          role_claim: t.arg.string({ defaultValue: 'groups' }),
          roles: t.arg({ type: [providerRole], required: true }),
        },
        resolve: (_root, { client_id: id, client_secret: secret, role_claim: claim, ...args }, context) =>
          setProvider(context, {
            ...args,
            clientId: boundedText('client_id', id, 300),
            clientSecret: typeof secret === 'string' ? boundedText('client_secret', secret, 1000) : undefined,
            roleClaim: boundedText('role_claim', claim ?? 'groups', 100),
          }),
      }),
      removeIdentityProvider: t.field({
        type: 'IdentityProvider',
        description: 'From now on it proves nobody.',
        args: { name },
        resolve: (_root, args, context) => removeProvider(context, args.name),
      }),
      addOrganisation: t.field({
        type: 'NewOrganisation',
        args: {
          name,
          admin: t.arg.string({ required: true, description: 'Name of its first admin.' }),
        },
        resolve: (_root, args, context) => addOrganisation(context, args),
      }),
    }
  })
}
