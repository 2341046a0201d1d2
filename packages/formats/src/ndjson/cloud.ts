import type { LogSource } from '@vedette/model'
import { isJsonObject, type JsonKind, plainKind } from './json-kind.ts'

const CLOUDTRAIL: LogSource = { product: 'aws', service: 'cloudtrail' }
const KUBERNETES: LogSource = { product: 'kubernetes', category: 'application', service: 'audit' }
const OKTA: LogSource = { product: 'okta', service: 'okta' }
const GCP: LogSource = { product: 'gcp', service: 'gcp.audit' }
const GITHUB: LogSource = { product: 'github', service: 'audit' }
const CANARY: LogSource = { product: 'opencanary', category: 'application' }

/** Records of AWS CloudTrail ("CloudTrail record contents"). */
export const cloudTrailKind = plainKind('eventVersion', ({ eventSource, eventName }) =>
  typeof eventSource === 'string' && typeof eventName === 'string' ? CLOUDTRAIL : undefined,
)

/** Events of the Kubernetes API server (`audit.k8s.io`, "Auditing"). */
export const kubernetesKind = plainKind('auditID', ({ kind, apiVersion }) =>
  kind === 'Event' && typeof apiVersion === 'string' && apiVersion.startsWith('audit.k8s.io/')
    ? KUBERNETES
    : undefined,
)

/** Okta's System Log API. */
export const oktaKind = plainKind('eventType', ({ actor, published, outcome }) =>
  isJsonObject(actor) && typeof published === 'string' && outcome !== undefined ? OKTA : undefined,
)

/** Google Cloud's audit logs; SigmaHQ's rules write its paths below `data`, and `gcp.audit.method_name`. */
export const gcpKind: JsonKind = {
  key: 'protoPayload',
  read(object) {
    const { protoPayload: payload } = object
    if (!isJsonObject(payload)) return undefined
    return [
      { record: { 'gcp.audit.method_name': payload['methodName'], data: object, ...object }, source: GCP },
    ]
  },
}

/** GitHub's audit log as it is exported and streamed. */
export const githubKind = plainKind('_document_id', ({ action, actor }) =>
  typeof action === 'string' && typeof actor === 'string' ? GITHUB : undefined,
)

/** OpenCanary's log. */
export const openCanaryKind = plainKind('logtype', ({ node_id: node, logdata }) =>
  typeof node === 'string' && logdata !== undefined ? CANARY : undefined,
)
