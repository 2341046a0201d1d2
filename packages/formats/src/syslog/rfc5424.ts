import { type Outcome, rejected } from '../outcome.ts'
import type { StructuredElement, SyslogMessage, SyslogOptions } from './message.ts'
import { isoTime } from './time.ts'

/** Most elements and most parameters of one line. */
const MAX_STRUCTURED = 128

/** Parses what follows `<PRI>1 `: RFC 5424, section 6. Lengths of names are not enforced: senders do not. */
export function parseRfc5424(
  text: string,
  start: number,
  priority: number,
  options: SyslogOptions,
): Outcome<SyslogMessage> {
  let at = start
  let timeMs: number | undefined
  if (text.startsWith('- ', at)) {
    at += 2
  } else {
    const time = isoTime(text, at, options)
    if (time === undefined || text[time.end] !== ' ') return rejected('bad-timestamp', at)
    timeMs = time.timeMs
    at = time.end + 1
  }
  const fields: string[] = []
  for (let i = 0; i < 4; i += 1) {
    const end = text.indexOf(' ', at)
    if (end <= at) return rejected('missing-field', at)
    fields.push(text.slice(at, end))
    at = end + 1
  }
  const [host, program, processId, messageId] = fields.map((field) => (field === '-' ? undefined : field))
  const data = parseStructuredData(text, at)
  if (!data.ok) return data
  at = data.value.end
  if (at < text.length && text[at] !== ' ') return rejected('bad-structured-data', at)
  let message = text.slice(at + 1)
  if (message.startsWith('\ufeff')) message = message.slice(1)
  const pid = processId !== undefined && /^\d{1,9}$/.test(processId) ? Number(processId) : undefined
  return {
    ok: true,
    value: {
      format: 'rfc5424',
      ...(timeMs !== undefined && { timeMs }),
      ...(host !== undefined && { host }),
      ...(program !== undefined && { program }),
      ...(pid !== undefined && { pid }),
      message,
      priority,
      ...(messageId !== undefined && { messageId }),
      ...(data.value.elements.length > 0 && { structuredData: data.value.elements }),
    },
  }
}

function parseStructuredData(
  text: string,
  start: number,
): Outcome<{ readonly elements: readonly StructuredElement[]; readonly end: number }> {
  if (text[start] === '-') return { ok: true, value: { elements: [], end: start + 1 } }
  const elements: StructuredElement[] = []
  let budget = MAX_STRUCTURED
  let at = start
  if (text[at] !== '[') return rejected('bad-structured-data', at)
  while (text[at] === '[') {
    const id = nameAt(text, at + 1)
    if (id === '') return rejected('bad-structured-data', at + 1)
    at += 1 + id.length
    const parameters: [string, string][] = []
    while (text[at] === ' ') {
      budget -= 1
      if (budget < 0) return rejected('too-much-structured-data', at)
      const name = nameAt(text, at + 1)
      at += 1 + name.length
      if (name === '' || !text.startsWith('="', at)) return rejected('bad-structured-data', at)
      const value = quotedAt(text, at + 2)
      if (value === undefined) return rejected('bad-structured-data', at + 2)
      parameters.push([name, value.text])
      at = value.end
    }
    if (text[at] !== ']') return rejected('bad-structured-data', at)
    at += 1
    budget -= 1
    if (budget < 0) return rejected('too-much-structured-data', at)
    elements.push({ id, parameters })
  }
  return { ok: true, value: { elements, end: at } }
}

const SD_NAME = /[^\s="\]]{1,256}/y

function nameAt(text: string, at: number): string {
  SD_NAME.lastIndex = at
  return SD_NAME.exec(text)?.[0] ?? ''
}

/** Up to the closing quote; `\"`, `\\` and `\]` stand for the character, any other backslash for itself. */
function quotedAt(text: string, start: number): { readonly text: string; readonly end: number } | undefined {
  let result = ''
  let from = start
  for (let at = start; at < text.length; at += 1) {
    const character = text[at]
    if (character === '"') return { text: result + text.slice(from, at), end: at + 1 }
    const next = text[at + 1]
    if (character === '\\' && (next === '"' || next === '\\' || next === ']')) {
      result += text.slice(from, at)
      from = at + 1
      at += 1
    }
  }
  return undefined
}
