/** What the paths in an Event are called in a sentence, before the value. */
const WORDS: Readonly<Record<string, string>> = {
  activity: 'activity',
  'process.cmd_line': 'command line',
  'process.name': 'process',
  'process.path': 'program',
  'process.file.path': 'program',
  'process.file.name': 'program',
  'process.parent_process.name': 'parent',
  'process.parent_process.path': 'parent',
  'process.parent_process.cmd_line': 'parent’s command line',
  'process.user.name': 'user',
  'process.working_directory': 'folder',
  'file.path': 'file',
  'file.name': 'file',
  'dst_endpoint.ip': 'to',
  'dst_endpoint.port': 'to port',
  'src_endpoint.ip': 'from',
  'src_endpoint.port': 'from port',
  'user.name': 'user',
  message: 'log line',
  raw_data: 'log line',
}

const STREAMS = ['input', 'output', 'error'] as const

/** A field in words; the path itself where it has none. */
export function fieldWords(field: string): string {
  const known = WORDS[field] ?? WORDS[field.replace(/^actor\./, '')]
  if (/^matches\.\d+\.data$/.test(field)) return 'holds'
  if (known !== undefined) return known
  const [, stream, what] = /^process\.streams\.([012])\.(type|peer\.ip|peer\.port)$/.exec(field) ?? []
  if (stream === undefined) return field
  const name = STREAMS[Number(stream) as 0 | 1 | 2]
  return what === 'type' ? `${name} is a` : what === 'peer.ip' ? `${name} from` : `${name} from port`
}

/**
 * How much a field says about what happened, 0 the most: what was typed, then what was touched, then who did it, then
 * what kind of event it was.
 */
export function fieldRank(field: string): 0 | 1 | 2 | 3 {
  const bare = field.replace(/^actor\./, '')
  if (bare === 'process.cmd_line') return 0
  if (/^(?:activity|class|category|type|severity|kind|metadata|status)/.test(bare)) return 3
  if (/^process\.(?:name|path|file\.|parent_process\.|user\.|container\.|cgroup)/.test(bare)) return 2
  return 1
}

const MOST = 8

/** What a threshold counted, as text. */
export function countedValues(aggregate: unknown): [string, string][] {
  if (typeof aggregate !== 'object' || aggregate === null) return []
  return Object.entries(aggregate)
    .slice(0, MOST)
    .map(([name, value]) => [name, String(value)])
}
