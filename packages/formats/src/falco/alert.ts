import type { LogSource } from '@vedette/model'
import { isJsonObject, type JsonKind, type JsonObject } from '../ndjson/json-kind.ts'

/**
 * Falco's alerts with `json_output` ("Falco Alerts", falco.org). The output fields stand at the top too (`proc.cmdline`),
 * and those that Sigma names have Sigma's name, so that rules about processes, files and connections hold for them.
 */
export const falcoKind: JsonKind = {
  key: 'output_fields',
  read(object) {
    const { output_fields: fields, rule, priority, source: from } = object
    if (!isJsonObject(fields) || typeof rule !== 'string' || typeof priority !== 'string') return undefined
    const record: Record<string, unknown> = { ...fields, ...object }
    if (from === 'k8s_audit') return [{ record, source: KUBERNETES }]
    for (const [own, sigma] of NAMES) {
      const value = fields[own]
      if (value !== undefined && value !== null) record[sigma] ??= value
    }
    const source = sourceOf(fields)
    if (source === FILE && typeof fields['fd.name'] === 'string')
      record['TargetFilename'] ??= fields['fd.name']
    return [{ record, source }]
  },
}

const NAMES: readonly (readonly [own: string, sigma: string])[] = [
  ['proc.exepath', 'Image'],
  ['proc.cmdline', 'CommandLine'],
  ['proc.cwd', 'CurrentDirectory'],
  ['proc.pid', 'ProcessId'],
  ['proc.ppid', 'ParentProcessId'],
  ['proc.pexepath', 'ParentImage'],
  ['proc.pcmdline', 'ParentCommandLine'],
  ['user.name', 'User'],
  ['fd.sip', 'DestinationIp'],
  ['fd.sport', 'DestinationPort'],
  ['fd.cip', 'SourceIp'],
  ['fd.cport', 'SourcePort'],
]

const KUBERNETES: LogSource = { product: 'kubernetes', category: 'application', service: 'audit' }
const PROCESS: LogSource = { product: 'linux', category: 'process_creation', service: 'falco' }
const FILE: LogSource = { product: 'linux', category: 'file_event', service: 'falco' }
const NETWORK: LogSource = { product: 'linux', category: 'network_connection', service: 'falco' }
const OTHER: LogSource = { product: 'linux', service: 'falco' }

function sourceOf(fields: JsonObject): LogSource {
  const type = fields['evt.type']
  if (typeof type !== 'string') return OTHER
  if (/^(?:execve|execveat|clone3?|v?fork)$/.test(type)) return PROCESS
  if (/^(?:open|openat2?|creat|rename|renameat2?|link|linkat|symlink|symlinkat)$/.test(type)) return FILE
  return /^(?:connect|accept4?|listen|bind|sendto|sendmsg)$/.test(type) ? NETWORK : OTHER
}
