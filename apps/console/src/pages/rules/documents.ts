import { graphql } from '@vedette/client'

export const rulesDocument = graphql(`
  query Rules($search: String, $severity: Severity, $order: String, $limit: Int!) {
    rules(search: $search, severity: $severity, order: $order, limit: $limit) {
      id
      rule {
        title
        type
        severity
      }
      techniques {
        id
        name
      }
      origin
      hits
      errors
      disabled
      asked
      cost_ms
      exceptions
    }
    rule_summary {
      rules
      fired
      disabled
      problems
      exceptions
      since
    }
  }
`)

export const ruleDocument = graphql(`
  query OneRule($id: ID!) {
    rule(id: $id) {
      id
      rule {
        title
        type
        severity
        explanation
        false_positives
        risk_points
        file
      }
      techniques {
        id
        name
      }
      status
      author
      origin
      hits
      errors
      disabled
      asked
      cost_ms
      groups
      evicted
      text
      cases {
        name
        expects
        hits
        passed
        reason
      }
    }
    exceptions {
      id
      rule_id
      fields {
        name
        value
      }
      owner
      reason
      added_at
      expires_at
      in_force
      hits
      last_hit
      rule_title
    }
    rule_summary {
      since
    }
  }
`)

export const exceptionsDocument = graphql(`
  query Exceptions {
    exceptions {
      id
      rule_id
      rule_title
      fields {
        name
        value
      }
      owner
      reason
      added_at
      expires_at
      in_force
      hits
      last_hit
    }
  }
`)

export const problemsDocument = graphql(`
  query RuleProblems {
    rule_problems {
      file
      line
      code
      message
      hint
    }
  }
`)

export const exceptionPreviewDocument = graphql(`
  query PreviewException($alert_id: ID!, $fields: [String!]) {
    exception_preview(alert_id: $alert_id, fields: $fields) {
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
      effect {
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
    }
  }
`)

export const createExceptionDocument = graphql(`
  mutation MakeException(
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
        id
        expires_at
      }
    }
  }
`)

export const removeExceptionDocument = graphql(`
  mutation EndException($id: ID!) {
    removeException(id: $id) {
      id
      rule_title
    }
  }
`)
