import { graphql } from '@vedette/client'

export const indicatorsDocument = graphql(`
  query Indicators($search: String, $sighted: Boolean, $limit: Int!) {
    indicators(search: $search, sighted: $sighted, limit: $limit) {
      id
      type
      value
      source
      confidence
      severity
      tlp
      valid_until
      description
      tags
      added_at
      sightings
      last_sighted
    }
    indicator_status {
      loaded
      indicators
      detections
      allowed
    }
  }
`)

export const feedsDocument = graphql(`
  query Feeds {
    feeds {
      name
      kind
      url
      interval_minutes
      enabled
      configured
      is_signed
      checked_at
      changed_at
      indicators
      malformed
      left_out
      version
      error_message
      versions {
        number
      }
    }
  }
`)

export const refreshFeedDocument = graphql(`
  mutation RefreshFeed($name: String!) {
    refreshFeed(name: $name) {
      indicators
      error_message
    }
  }
`)

export const rollbackFeedDocument = graphql(`
  mutation RollbackFeed($name: String!) {
    rollbackFeed(name: $name) {
      version
      indicators
    }
  }
`)

export const allowedDocument = graphql(`
  query Allowed {
    allow_entries {
      id
      type
      value
      owner
      reason
      added_at
      expires_at
      hits
      last_hit
    }
  }
`)

export const allowDocument = graphql(`
  mutation Allow($value: String!, $reason: String!, $expires_at: DateTime) {
    addAllowEntry(value: $value, reason: $reason, expires_at: $expires_at) {
      id
    }
  }
`)

export const disallowDocument = graphql(`
  mutation Disallow($id: ID!) {
    removeAllowEntry(id: $id) {
      value
    }
  }
`)
