import { graphql } from '@vedette/client'

const fields = graphql(`
  fragment AccountFields on Account {
    id
    name
    roles {
      tenant
      role
    }
    disabled
    must_change
    second_factor
    created_at
    last_sign_in
  }
`)

export const accountList = graphql(
  `
    query AccountList {
      accounts {
        ...AccountFields
      }
      tenants {
        id
        name
      }
    }
  `,
  [fields],
)

export const accountSessions = graphql(`
  query AccountSessions($name: String!) {
    account_sessions(name: $name) {
      id
      tenant
      created_at
      expires_at
      address
      program
    }
  }
`)

export const endSessions = graphql(`
  mutation EndSessions($name: String!, $session: ID) {
    endSessions(name: $name, session: $session)
  }
`)

export const addUser = graphql(
  `
    mutation AddUser($name: String!, $role: String!, $tenant: String) {
      addUser(name: $name, role: $role, tenant: $tenant) {
        account {
          ...AccountFields
        }
        password
      }
    }
  `,
  [fields],
)

export const setUserRole = graphql(
  `
    mutation SetUserRole($name: String!, $role: String, $tenant: String) {
      setUserRole(name: $name, role: $role, tenant: $tenant) {
        ...AccountFields
      }
    }
  `,
  [fields],
)

export const disableUser = graphql(
  `
    mutation DisableUser($name: String!) {
      disableUser(name: $name) {
        ...AccountFields
      }
    }
  `,
  [fields],
)

export const enableUser = graphql(
  `
    mutation EnableUser($name: String!) {
      enableUser(name: $name) {
        ...AccountFields
      }
    }
  `,
  [fields],
)

export const removeUser = graphql(
  `
    mutation RemoveUser($name: String!) {
      removeUser(name: $name) {
        ...AccountFields
      }
    }
  `,
  [fields],
)

export const resetUser = graphql(
  `
    mutation ResetUser($name: String!, $second_factor: Boolean!) {
      resetUser(name: $name, second_factor: $second_factor) {
        account {
          ...AccountFields
        }
        password
      }
    }
  `,
  [fields],
)
