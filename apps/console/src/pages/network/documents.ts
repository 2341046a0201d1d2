import { graphql, type ResultOf } from '@vedette/client'
import { alertRow } from '../../api/documents.ts'

export const networkDocument = graphql(`
  query Network(
    $limit: Int!
    $offset: Int!
    $host: ID
    $process_uid: ID
    $process: String
    $address: String
    $port: Int
    $protocol: String
    $flow_uid: ID
    $search: String
    $since: DateTime
    $until: DateTime
  ) {
    network_activity(
      limit: $limit
      offset: $offset
      host: $host
      process_uid: $process_uid
      process: $process
      address: $address
      port: $port
      protocol: $protocol
      flow_uid: $flow_uid
      search: $search
      since: $since
      until: $until
    ) {
      event_id
      time
      host
      host_id
      activity
      transport
      protocol
      direction
      source {
        ip
        port
      }
      destination {
        ip
        port
      }
      process {
        uid
        pid
        name
      }
      detail
      bytes_out
      bytes_in
    }
  }
`)

export type NetworkRow = ResultOf<typeof networkDocument>['network_activity'][number]

export const networkCountsDocument = graphql(`
  query NetworkCounts(
    $host: ID
    $process_uid: ID
    $process: String
    $address: String
    $port: Int
    $protocol: String
    $flow_uid: ID
    $search: String
    $since: DateTime
    $until: DateTime
  ) {
    network_counts(
      host: $host
      process_uid: $process_uid
      process: $process
      address: $address
      port: $port
      protocol: $protocol
      flow_uid: $flow_uid
      search: $search
      since: $since
      until: $until
    ) {
      activity
      count
    }
  }
`)

export const networkEventDocument = graphql(`
  query NetworkEvent($id: ID!) {
    event(event_id: $id) {
      event_id
      timestamp
      host
      host_id
      summary
      data
    }
  }
`)

export const processAlertsDocument = graphql(
  `
    query ProcessAlerts($uid: ID!) {
      analytics_alerts(process_uid: $uid, limit: 5) {
        ...AlertRow
      }
    }
  `,
  [alertRow],
)
