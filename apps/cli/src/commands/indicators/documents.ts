import { graphql } from '@vedette/client'

export const indicatorList = graphql(`
  query IndicatorList(
    $type: String
    $source: String
    $severity: Severity
    $search: String
    $sighted: Boolean
    $limit: Int
    $offset: Int
  ) {
    indicators(
      type: $type
      source: $source
      severity: $severity
      search: $search
      sighted: $sighted
      limit: $limit
      offset: $offset
    ) {
      id
      type
      value
      source
      confidence
      severity
      tlp
      valid_from
      valid_until
      description
      tags
      techniques
      added_at
      sightings
      first_sighted
      last_sighted
    }
  }
`)

export const indicatorSources = graphql(`
  query IndicatorSources {
    indicator_sources {
      source
      indicators
      sighted
      newest
    }
    indicator_status {
      loaded
      indicators
      memory_bytes
      detections
      allowed
      refused
    }
  }
`)

export const addIndicators = graphql(`
  mutation AddIndicators($indicators: [IndicatorInput!]!, $source: String) {
    addIndicators(indicators: $indicators, source: $source) {
      added
      changed
      unchanged
      removed
    }
  }
`)

export const removeIndicators = graphql(`
  mutation RemoveIndicators($ids: [ID!]!) {
    removeIndicators(ids: $ids)
  }
`)
