/** A fact of a protocol, as its event has it. */
interface Fact {
  readonly name: string
  readonly value: string
}

/** More facts than this, or longer ones, are not read by anybody. */
const MOST = 80
const LONGEST = 600

const ABBREVIATIONS = new Set(
  'sni alpn san ja3 ja3s ja4 hassh url http ip dns tls smb ssh mac ttl edns os uid uuid sha1 sha256'.split(
    ' ',
  ),
)
/** Long, and what a fingerprint beside it says in short. */
const LONG_WINDED = /string$|algorithms$|ciphers$|extensions$|groups$|versions$|signature/

/** The facts of a protocol in the order of the event, what is long-winded last; those within others under both names. */
export function factsOf(value: unknown, name = ''): Fact[] {
  const found: Fact[] = []
  collect(value, name, found)
  const isLong = ({ name }: Fact) => LONG_WINDED.test(name)
  return [...found.filter((fact) => !isLong(fact)), ...found.filter(isLong)]
}

function collect(value: unknown, name: string, found: Fact[]): void {
  if (found.length >= MOST || value === null || value === undefined) return
  if (Array.isArray(value)) {
    if (value.length === 0) return
    if (value.every((each) => typeof each !== 'object')) return add(value.join(', '), name, found)
    for (const each of value) add(line(each), name, found)
    return
  }
  if (typeof value === 'object') {
    for (const [key, each] of Object.entries(value)) {
      collect(each, name === '' ? words(key) : `${name} ${words(key)}`, found)
    }
    return
  }
  add(typeof value === 'boolean' ? (value ? 'yes' : 'no') : `${value as string | number}`, name, found)
}

function add(text: string, name: string, found: Fact[]): void {
  if (found.length >= MOST || text === '') return
  found.push({ name, value: text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text })
}

/** An object of a list in one line: `example.org A 192.0.2.1 300`. */
function line(value: unknown): string {
  if (typeof value !== 'object' || value === null) return `${value as string | number}`
  return Object.values(value)
    .map((each) => (typeof each === 'object' ? JSON.stringify(each) : `${each as string | number}`))
    .join(' ')
}

/** `ja3_hash` as `JA3 hash`. */
function words(key: string): string {
  return key
    .split('_')
    .map((word) => {
      if (ABBREVIATIONS.has(word)) return word.toUpperCase()
      const one = word.replace(/s$/, '')
      return ABBREVIATIONS.has(one) ? `${one.toUpperCase()}s` : word
    })
    .join(' ')
}
