import { graphql } from '@vedette/client'

const fields = graphql(`
  fragment IncidentFields on Incident {
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
  }
`)

export const createIncident = graphql(
  `
    mutation CreateIncident($title: String!, $description: String, $severity: Severity!) {
      createIncident(title: $title, description: $description, severity: $severity) {
        ...IncidentFields
      }
    }
  `,
  [fields],
)

export const assignIncident = graphql(
  `
    mutation AssignIncident($id: ID!, $user: String!) {
      assignIncident(id: $id, user: $user) {
        ...IncidentFields
      }
    }
  `,
  [fields],
)

export const closeIncident = graphql(
  `
    mutation CloseIncident($id: ID!, $resolution: String!) {
      closeIncident(id: $id, resolution: $resolution) {
        ...IncidentFields
      }
    }
  `,
  [fields],
)

export const incidentList = graphql(
  `
    query IncidentList($limit: Int, $offset: Int, $status: IncidentStatus, $severity: Severity) {
      incidents(limit: $limit, offset: $offset, status: $status, severity: $severity) {
        ...IncidentFields
      }
    }
  `,
  [fields],
)

export const incidentDetail = graphql(
  `
    query IncidentDetail($id: ID!) {
      incident(id: $id) {
        ...IncidentFields
        alerts {
          id
          title
          severity
          status
          time
          host
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
  [fields],
)
