import { StringDecoder } from 'node:string_decoder'

/**
 * Cuts a stream of bytes into lines. A line longer than `limit` characters is given cut, once; the rest of it is
 * left out.
 *
 * @returns what takes the chunks
 */
export function lineCutter(onLine: (line: string) => void, limit = 1 << 20): (chunk: Buffer) => void {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  let skipping = false
  return (chunk) => {
    const lines = (rest + decoder.write(chunk)).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (!skipping) onLine(line.slice(0, limit))
      skipping = false
    }
    if (rest.length > limit) {
      if (!skipping) onLine(rest.slice(0, limit))
      skipping = true
      rest = ''
    }
  }
}

/** The object that a line holds; undefined when it holds none. */
export function parseObject(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
