import type { Indicator } from '@vedette/model'
import type { ReadItem } from '../draft.ts'
import { BATCH, type IndicatorForm } from '../indicator-form.ts'
import { batched } from './json-document.ts'

/**
 * One value a line. What follows a blank, a comma or a semicolon is a remark, as in lists of networks; lines that begin
 * with `#`, `;`, `//` or `!` are remarks. Lines of a hosts file (`0.0.0.0 evil.example`) name the host.
 */
export const txt: IndicatorForm = {
  name: 'txt',
  unit: 'line',
  mediaType: 'text/plain',
  accepts: () => true,
  read: (text) => batched(lines(text), BATCH),
  async *write(indicators) {
    for await (const batch of indicators) yield batch.map(written).join('')
  },
}

/** Longest line that is looked at. */
const LONGEST = 4096

function* lines(text: string): Generator<ReadItem> {
  let place = 0
  for (let from = 0; from < text.length;) {
    const end = text.indexOf('\n', from)
    const to = end < 0 ? text.length : end
    place += 1
    const line = text.slice(from, Math.min(to, from + LONGEST)).trim()
    const tooLong = to - from > LONGEST
    from = to + 1
    if (line === '' || /^(?:[#;!]|\/\/)/.test(line)) continue
    if (tooLong) yield { place, fault: 'too-long', text: line }
    else yield { place, draft: { value: valueOf(line.replace(/^\ufeff/, '')) } }
  }
}

function valueOf(line: string): string {
  const hosts = /^(?:0\.0\.0\.0|127\.0\.0\.1|::1?)\s+([^\s#]+)/.exec(line)
  if (hosts?.[1] !== undefined) return hosts[1]
  // A path may have blanks in it, nothing else may.
  if (line.startsWith('/') || /^[a-z]:\\/i.test(line)) return line
  return /^[^\s,;]+/.exec(line)?.[0] ?? line
}

function written({ type, value }: Indicator): string {
  return `${type === 'domain_suffix' ? `*.${value}` : value}\n`
}
