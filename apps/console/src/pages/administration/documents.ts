import { graphql, type ResultOf } from '@vedette/client'

export const peopleDocument = graphql(`
  query People {
    accounts {
      id
      name
      roles {
        tenant
        role
      }
      disabled
      must_change
      second_factor
      passkeys
      issuer
      created_at
      last_sign_in
    }
    tenants {
      id
      name
      created_at
    }
    custom_roles {
      name
      tenant
    }
  }
`)

export type OwnRole = ResultOf<typeof peopleDocument>['custom_roles'][number]
export type Person = ResultOf<typeof peopleDocument>['accounts'][number]
export type Tenant = ResultOf<typeof peopleDocument>['tenants'][number]

export const sessionsDocument = graphql(`
  query SessionsOfPeople($name: String) {
    account_sessions(name: $name) {
      id
      account
      tenant
      created_at
      expires_at
      address
      program
    }
    accounts {
      id
      name
    }
  }
`)

export const keysDocument = graphql(`
  query KeysOfPrograms {
    api_keys {
      id
      name
      tenant
      role
      operations
      made_by
      own
      created_at
      expires_at
      last_used_at
    }
    tenants {
      id
      name
    }
  }
`)

export const addUserDocument = graphql(`
  mutation AddPerson($name: String!, $role: String!, $tenant: String) {
    addUser(name: $name, role: $role, tenant: $tenant) {
      password
    }
  }
`)

export const setRoleDocument = graphql(`
  mutation SetRole($name: String!, $role: String, $tenant: String) {
    setUserRole(name: $name, role: $role, tenant: $tenant) {
      id
    }
  }
`)

export const disableDocument = graphql(`
  mutation Disable($name: String!) {
    disableUser(name: $name) {
      id
    }
  }
`)

export const enableDocument = graphql(`
  mutation Enable($name: String!) {
    enableUser(name: $name) {
      id
    }
  }
`)

export const removeDocument = graphql(`
  mutation RemovePerson($name: String!) {
    removeUser(name: $name) {
      id
    }
  }
`)

export const resetDocument = graphql(`
  mutation ResetPerson($name: String!, $second_factor: Boolean!) {
    resetUser(name: $name, second_factor: $second_factor) {
      password
    }
  }
`)

export const endDocument = graphql(`
  mutation EndSessionsOf($name: String!, $session: ID) {
    endSessions(name: $name, session: $session)
  }
`)

export const addTenantDocument = graphql(`
  mutation AddTenantHere($name: String!) {
    addTenant(name: $name) {
      id
    }
  }
`)

export const renameTenantDocument = graphql(`
  mutation RenameTenantHere($tenant: String!, $name: String!) {
    renameTenant(tenant: $tenant, name: $name) {
      id
    }
  }
`)

export const createKeyDocument = graphql(`
  mutation CreateKey(
    $name: String!
    $role: String!
    $tenant: String
    $operations: [String!]
    $expires_at: DateTime
  ) {
    createApiKey(
      name: $name
      role: $role
      tenant: $tenant
      operations: $operations
      expires_at: $expires_at
    ) {
      token
    }
  }
`)

export const revokeKeyDocument = graphql(`
  mutation RevokeKey($key: String!) {
    revokeApiKey(key: $key) {
      id
    }
  }
`)

export const rolesDocument = graphql(`
  query RolesOfTenants {
    custom_roles {
      name
      tenant
      description
      policies
      updated_at
      updated_by
    }
    accounts {
      name
      roles {
        tenant
        role
      }
    }
    tenants {
      id
      name
    }
  }
`)

export const setCustomRoleDocument = graphql(`
  mutation SetRoleOfTenant($name: String!, $policies: String!, $description: String, $tenant: String) {
    setCustomRole(name: $name, policies: $policies, description: $description, tenant: $tenant) {
      name
    }
  }
`)

export const removeCustomRoleDocument = graphql(`
  mutation RemoveRoleOfTenant($name: String!, $tenant: String) {
    removeCustomRole(name: $name, tenant: $tenant) {
      name
    }
  }
`)

export const providersDocument = graphql(`
  query Providers {
    identity_providers {
      id
      name
      issuer
      client_id
      has_secret
      role_claim
      roles {
        value
        tenant
        role
      }
    }
    tenants {
      id
      name
    }
  }
`)

export const setProviderDocument = graphql(`
  mutation SetProviderHere(
    $name: String!
    $issuer: String!
    $client_id: String!
    $client_secret: String
    $role_claim: String!
    $roles: [ProviderRoleInput!]!
  ) {
    setIdentityProvider(
      name: $name
      issuer: $issuer
      client_id: $client_id
      client_secret: $client_secret
      role_claim: $role_claim
      roles: $roles
    ) {
      id
    }
  }
`)

export const removeProviderDocument = graphql(`
  mutation RemoveProviderHere($name: String!) {
    removeIdentityProvider(name: $name) {
      id
    }
  }
`)

export const organisationsDocument = graphql(`
  query Organisations {
    organisations {
      id
      name
      created_at
    }
  }
`)

export const addOrganisationDocument = graphql(`
  mutation AddOrganisationHere($name: String!, $admin: String!) {
    addOrganisation(name: $name, admin: $admin) {
      sign_in_name
      password
    }
  }
`)
