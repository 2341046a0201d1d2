import { graphql, type ResultOf } from '@vedette/client'

/** What a row of an alert list shows. */
export const alertRow = graphql(`
  fragment AlertRow on Alert {
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
    aggregate
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
      cmd_line
    }
    ancestry {
      uid
      pid
      name
    }
    matches {
      field
      value
      start
      length
    }
    incident {
      id
      title
      alert_count
    }
  }
`)

export const alertsDocument = graphql(
  `
    query Alerts(
      $limit: Int!
      $offset: Int!
      $status: AlertStatus
      $severity: Severity
      $host: ID
      $incident_id: ID
      $process_uid: ID
      $search: String
    ) {
      analytics_alerts(
        limit: $limit
        offset: $offset
        status: $status
        severity: $severity
        host: $host
        incident_id: $incident_id
        process_uid: $process_uid
        search: $search
      ) {
        ...AlertRow
      }
    }
  `,
  [alertRow],
)

export type AlertRow = ResultOf<typeof alertsDocument>['analytics_alerts'][number]

export const newAlertsDocument = graphql(
  `
    subscription NewAlerts {
      newAlerts {
        ...AlertRow
      }
    }
  `,
  [alertRow],
)

export const incidentUpdatesDocument = graphql(`
  subscription IncidentUpdates {
    incidentUpdates {
      id
      status
    }
  }
`)

/** What the frame around every page shows. */
export const frameDocument = graphql(`
  query Frame {
    me {
      id
      name
      role
    }
    overview {
      open_alerts
      open_incidents
      hosts
      hosts_reporting
      events_lost
    }
  }
`)

export const overviewDocument = graphql(
  `
    query Overview {
      overview {
        sentence
        open_alerts
        open_incidents
        hosts
        hosts_reporting
        events_lost
        event_rate {
          time
          events
          alerts
        }
        alerts_by_severity {
          severity
          count
        }
        recent_alerts {
          ...AlertRow
        }
        recent_incidents {
          id
          title
          severity
          status
          assignee
          host
          alert_count
          updated_at
        }
      }
      analytics_metrics {
        events_total
        events_per_second
        alerts_total
        rules_loaded
        rules_rejected
        alert_latency_p50_ms
        alert_latency_p99_ms
        memory_bytes
      }
      system_health {
        status
        checks {
          name
          status
          value
          message
        }
      }
    }
  `,
  [alertRow],
)

export type RatePoint = ResultOf<typeof overviewDocument>['overview']['event_rate'][number]

const responseFields = graphql(`
  fragment ResponseFields on Response {
    id
    action
    host
    host_id
    outcome
    summary
    actor
    reason
    time
    lease_ends
    undo
    alert_id
    affected {
      uid
      pid
      name
      cmd_line
      user
      protected_because
    }
  }
`)

export type Response = ResultOf<typeof responseFields>

export const alertDocument = graphql(
  `
    query Alert($id: ID!) {
      alert(id: $id) {
        ...AlertRow
        event_count
        techniques {
          id
          name
          tactics
        }
        rule {
          id
          title
          type
          severity
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
        events {
          event_id
          event_type
          timestamp
          summary
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
          status
          alert_count
        }
        process_tree {
          kind
          depth
          time
          process {
            uid
            pid
            name
            path
            cmd_line
            user
          }
          text
          is_subject
          marks {
            start
            length
          }
          alert_id
          event_id
          ended
        }
        similar {
          id
          title
          severity
          status
          verdict
          time
          host
        }
        responses {
          ...ResponseFields
        }
        surroundings {
          time
          events
          alerts
        }
      }
    }
  `,
  [alertRow, responseFields],
)

export type AlertDetail = NonNullable<ResultOf<typeof alertDocument>['alert']>
export type TreeNode = AlertDetail['process_tree'][number]

export const acknowledgeDocument = graphql(`
  mutation Acknowledge($id: ID!) {
    acknowledgeAlert(id: $id) {
      id
      status
      assignee
    }
  }
`)

export const resolveDocument = graphql(`
  mutation Resolve($id: ID!, $verdict: Verdict!) {
    resolveAlert(id: $id, verdict: $verdict) {
      id
      status
      verdict
    }
  }
`)

export const previewDocument = graphql(
  `
    mutation Preview($input: ResponseInput!) {
      previewResponse(input: $input) {
        ...ResponseFields
      }
    }
  `,
  [responseFields],
)

export const executeDocument = graphql(
  `
    mutation Execute($input: ResponseInput!) {
      executeResponse(input: $input, execute: true) {
        ...ResponseFields
      }
    }
  `,
  [responseFields],
)

export const incidentsDocument = graphql(`
  query Incidents($status: IncidentStatus, $limit: Int!, $offset: Int!) {
    incidents(status: $status, limit: $limit, offset: $offset) {
      id
      title
      severity
      status
      assignee
      resolution
      host
      alert_count
      created_at
      updated_at
    }
  }
`)

export type IncidentRow = ResultOf<typeof incidentsDocument>['incidents'][number]

export const incidentDocument = graphql(
  `
    query Incident($id: ID!) {
      incident(id: $id) {
        id
        title
        description
        severity
        status
        assignee
        resolution
        created_at
        updated_at
        closed_at
        alert_count
        host
        alerts {
          ...AlertRow
        }
        timeline {
          time
          actor
          action
          text
        }
      }
    }
  `,
  [alertRow],
)

export const createIncidentDocument = graphql(`
  mutation CreateIncident($title: String!, $description: String, $severity: Severity!) {
    createIncident(title: $title, description: $description, severity: $severity) {
      id
    }
  }
`)

export const assignIncidentDocument = graphql(`
  mutation AssignIncident($id: ID!, $user: String!) {
    assignIncident(id: $id, user: $user) {
      id
      status
      assignee
    }
  }
`)

export const closeIncidentDocument = graphql(`
  mutation CloseIncident($id: ID!, $resolution: String!) {
    closeIncident(id: $id, resolution: $resolution) {
      id
      status
    }
  }
`)

export const hostsDocument = graphql(`
  query Hosts {
    hosts {
      id
      hostname
      kernel
      version
      state
      last_seen
      spooled
      memory_bytes
      events_per_second
      lost
      open_alerts
      blind_spots {
        code
      }
    }
  }
`)

export const hostDocument = graphql(
  `
    query Host($id: ID!) {
      host(id: $id) {
        id
        hostname
        kernel
        version
        state
        last_seen
        spooled
        memory_bytes
        events_per_second
        lost
        open_alerts
        usage {
          cpu_percent
          load_1m
          memory_total_bytes
          memory_available_bytes
          disk_total_bytes
          disk_free_bytes
          disk_read_bytes_per_s
          disk_write_bytes_per_s
          open_files
          pressure {
            resource
            some {
              avg10
              avg60
              avg300
            }
            full {
              avg10
              avg60
              avg300
            }
          }
        }
        own_use {
          kept_by
          cpu_percent
          cpu_limit_percent
          memory_bytes
          memory_limit_bytes
          disk_read_bytes_per_s
          disk_write_bytes_per_s
          open_files
          held_back
        }
        sensor {
          tier
          description
          each
          by_looking
          unseen
        }
        books {
          name
          emitted
          delivered
          lost
          waiting
          difference
        }
        given_up {
          kind
          lost
        }
        parts {
          name
          state
          emitted
          delivered
          lost
          kinds {
            kind
            emitted
            delivered
            lost
          }
        }
        blind_spots {
          code
          message
        }
      }
      analytics_alerts(host: $id, limit: 8) {
        ...AlertRow
      }
      events(host: $id, limit: 40) {
        event_id
        event_type
        timestamp
        summary
      }
    }
  `,
  [alertRow],
)
