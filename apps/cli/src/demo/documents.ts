import { graphql } from '@vedette/client'

export const newAlerts = graphql(`
  subscription DemoAlerts {
    newAlerts {
      id
    }
  }
`)

export const watchPath = graphql(`
  mutation DemoWatch($host: ID!, $path: String!) {
    watchPath(host: $host, path: $path, lease_seconds: 60)
  }
`)

export const hosts = graphql(`
  query DemoHosts {
    hosts {
      id
      hostname
      state
      parts {
        name
        state
      }
    }
  }
`)

export const previewResponse = graphql(`
  mutation DemoPreview($input: ResponseInput!) {
    previewResponse(input: $input) {
      action
      outcome
      summary
      affected {
        pid
        name
      }
    }
  }
`)

/** Alerts that are new or were seen again. */
export const recentAlerts = graphql(`
  query DemoRecent($host: ID!) {
    analytics_alerts(limit: 100, host: $host) {
      id
      last_seen
    }
  }
`)
