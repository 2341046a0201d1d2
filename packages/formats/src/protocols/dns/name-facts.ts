import type { DnsFacts } from '@vedette/model'
import { registeredDomain } from '../../observable/normalise-indicator.ts'

/** What a name looks like: whoever hides data in names makes the part before the domain long and without order. */
export type NameFacts = Pick<DnsFacts, 'registered_domain' | 'subdomain_length' | 'subdomain_entropy'>

const counts = new Uint16Array(256)

/** Nothing for names that nobody can register: those of one label, of the reverse tree, and what is no name of a host. */
export function nameFacts(name: string): NameFacts {
  if (name.endsWith('.arpa')) return {}
  const lower = name.toLowerCase()
  const domain = registeredDomain(lower)
  if (domain === undefined) return {}
  const text = lower.slice(0, lower.length - domain.length).replaceAll('.', '')
  return { registered_domain: domain, subdomain_length: text.length, subdomain_entropy: entropyOf(text) }
}

/** Shannon entropy of the characters, bits for each, to a hundredth. */
function entropyOf(text: string): number {
  if (text === '') return 0
  counts.fill(0)
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at) & 0xff
    counts[code] = (counts[code] as number) + 1
  }
  let bits = 0
  for (const count of counts) {
    if (count === 0) continue
    const share = count / text.length
    bits -= share * Math.log2(share)
  }
  return Math.round(bits * 100) / 100
}
