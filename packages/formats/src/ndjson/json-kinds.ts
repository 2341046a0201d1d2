import { falcoKind } from '../falco/alert.ts'
import { suricataKind } from '../suricata/eve.ts'
import { journalKind } from '../syslog/journal.ts'
import { zeekConnectionKind, zeekPathKind } from '../zeek/json.ts'
import { cloudTrailKind, gcpKind, githubKind, kubernetesKind, oktaKind, openCanaryKind } from './cloud.ts'
import type { JsonKind } from './json-kind.ts'
import { otlpKind } from './otlp.ts'

/** Every kind of JSON object that is known by its keys. */
export const jsonKinds: readonly JsonKind[] = [
  zeekPathKind,
  suricataKind,
  falcoKind,
  journalKind,
  otlpKind,
  cloudTrailKind,
  kubernetesKind,
  oktaKind,
  gcpKind,
  githubKind,
  openCanaryKind,
  zeekConnectionKind,
]
