/** What the paths in an Event are called in a sentence, before the value. */
const WORDS: Readonly<Record<string, string>> = {
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
  'actor.process.name': 'process',
  'actor.process.path': 'program',
  'actor.process.cmd_line': 'command line',
  'actor.user.name': 'user',
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

/** A field in words; the path itself where it has none. */
export function fieldWords(field: string): string {
  return WORDS[field] ?? field
}

const MOST = 8

/** What a threshold counted, as text. */
export function countedValues(aggregate: unknown): [string, string][] {
  if (typeof aggregate !== 'object' || aggregate === null) return []
  return Object.entries(aggregate)
    .slice(0, MOST)
    .map(([name, value]) => [name, String(value)])
}
