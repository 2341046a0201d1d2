import { graphql } from '@vedette/client'

export const alertList = graphql(`
  query AlertList($limit: Int, $offset: Int, $status: AlertStatus, $severity: Severity, $search: String) {
    analytics_alerts(limit: $limit, offset: $offset, status: $status, severity: $severity, search: $search) {
      id
      title
      severity
      status
      verdict
      time
      last_seen
      count
      suppressed
      host
      host_id
      risk
      techniques {
        id
        name
      }
      rule {
        id
        title
      }
      process {
        uid
        pid
        name
        path
        cmd_line
        user
      }
      incident {
        id
      }
    }
  }
`)

export const alertDetail = graphql(`
  query AlertDetail($id: ID!) {
    alert(id: $id) {
      id
      title
      severity
      status
      verdict
      assignee
      time
      last_seen
      count
      suppressed
      host
      host_id
      entity
      risk
      event_count
      aggregate
      techniques {
        id
        name
        tactics
      }
      rule {
        id
        title
        type
        explanation
        false_positives
        risk_points
        file
      }
      process {
        uid
        pid
        name
        path
        cmd_line
        user
        created
      }
      ancestry {
        uid
        pid
        name
        cmd_line
        user
      }
      matches {
        event_id
        field
        value
        start
        length
      }
      risk_ledger {
        time
        points
        reason
        alert_id
      }
      incident {
        id
        title
      }
      process_tree {
        kind
        depth
        time
        text
        is_subject
        ended
        process {
          uid
          pid
          name
          cmd_line
          user
        }
        marks {
          start
          length
        }
      }
      responses {
        id
        action
        outcome
        summary
        actor
        time
      }
    }
  }
`)

export const acknowledgeAlert = graphql(`
  mutation AcknowledgeAlert($id: ID!) {
    acknowledgeAlert(id: $id) {
      id
      title
      status
    }
  }
`)

export const resolveAlert = graphql(`
  mutation ResolveAlert($id: ID!, $verdict: Verdict) {
    resolveAlert(id: $id, verdict: $verdict) {
      id
      title
      status
      verdict
    }
  }
`)
