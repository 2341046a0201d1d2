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
  }
`)

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
