/** What the kernel's log holds of one message. */
export interface KmsgRecord {
  /** Counts all messages since boot; one that is missing was overwritten before it was read. */
  readonly sequence: number
  /** When it was written, microseconds since boot, the time asleep not counted. */
  readonly timeUs: number
  /** 0 (emergency) to 7 (debug). */
  readonly priority: number
  /** 0: the kernel itself. A program that writes to the device cannot say so; it is 1 where it says nothing. */
  readonly facility: number
  readonly text: string
  /** Its dictionary, such as `SUBSYSTEM` and `DEVICE`. */
  readonly keys: Readonly<Record<string, string>>
}

const PREFIX = /^(\d{1,10}),(\d{1,15}),(\d{1,15}),[^;,]{0,16}(?:,[^;]{0,1024})?;/
const KEY = /^ ([A-Za-z0-9_.-]{1,64})=(.*)$/s
const MOST_KEYS = 32
const ESCAPED = /\\x([0-9a-f]{2})/g

/**
 * Reads what one read(2) of /dev/kmsg gives (Documentation/ABI/testing/dev-kmsg): `prefix;text`, then a line for each key.
 * Bytes that the kernel wrote as `\x1b` are themselves again, so the text is to be taken as anybody's. Undefined for what is
 * no such record.
 */
export function parseKmsg(record: string): KmsgRecord | undefined {
  const prefix = PREFIX.exec(record)
  if (prefix === null) return undefined
  const [head, level, sequence, timeUs] = prefix
  const [first = '', ...rest] = record.slice(head.length).split('\n')
  const keys: Record<string, string> = {}
  let count = 0
  for (const line of rest) {
    const [, name, value] = KEY.exec(line) ?? []
    if (name === undefined || value === undefined || count === MOST_KEYS || Object.hasOwn(keys, name))
      continue
    Object.defineProperty(keys, name, { value: unescaped(value), enumerable: true })
    count += 1
  }
  return {
    sequence: Number(sequence),
    timeUs: Number(timeUs),
    priority: Number(level) & 7,
    facility: Number(level) >>> 3,
    text: unescaped(first),
    keys,
  }
}

function unescaped(text: string): string {
  if (!text.includes('\\x')) return text
  const bytes = text.replaceAll(ESCAPED, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  // What was not escaped is ASCII: the kernel escapes all else.
  return Buffer.from(bytes, 'latin1').toString('utf8')
}
