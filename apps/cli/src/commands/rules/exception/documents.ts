import { graphql } from '@vedette/client'

const exceptionFields = graphql(`
  fragment ExceptionFields on RuleException {
    id
    rule_id
    rule_title
    alert_id
    fields {
      name
      value
    }
    filter
    owner
    reason
    actor
    added_at
    expires_at
    in_force
    hits
    last_hit
  }
`)

const effectFields = graphql(`
  fragment EffectFields on ExceptionEffect {
    alerts
    since
    cut
    hidden
    true_positives
    acknowledged
    open
    false_positives
    benign
    unjudged
    partly
    examples {
      id
      title
      time
      host
      status
      verdict
      count
    }
  }
`)

export const exceptionList = graphql(
  `
    query ExceptionList {
      exceptions {
        ...ExceptionFields
      }
    }
  `,
  [exceptionFields],
)

export const exceptionPreview = graphql(
  `
    query ExceptionPreview(
      $alert_id: ID!
      $fields: [String!]
      $owner: String
      $reason: String
      $expires_at: DateTime
    ) {
      exception_preview(
        alert_id: $alert_id
        fields: $fields
        owner: $owner
        reason: $reason
        expires_at: $expires_at
      ) {
        rule {
          id
          title
        }
        filtered_id
        filtered_title
        fields {
          name
          value
          seen
          chosen
        }
        filter
        effect {
          ...EffectFields
        }
      }
    }
  `,
  [effectFields],
)

export const createException = graphql(
  `
    mutation CreateException(
      $alert_id: ID!
      $fields: [String!]
      $owner: String
      $reason: String!
      $expires_at: DateTime
      $force: Boolean
    ) {
      createException(
        alert_id: $alert_id
        fields: $fields
        owner: $owner
        reason: $reason
        expires_at: $expires_at
        force: $force
      ) {
        exception {
          ...ExceptionFields
        }
      }
    }
  `,
  [exceptionFields],
)

export const removeException = graphql(
  `
    mutation RemoveException($id: ID!) {
      removeException(id: $id) {
        ...ExceptionFields
      }
    }
  `,
  [exceptionFields],
)
