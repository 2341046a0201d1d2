import { der, type DerElement, elements, oidText } from './der.ts'
import { stringText } from './string-text.ts'

/** RFC 4514, 3, and what else is seen in certificates; others stand with their number. */
const KEYS: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.4': 'SN',
  '2.5.4.5': 'serialNumber',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'STREET',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '2.5.4.12': 'title',
  '2.5.4.13': 'description',
  '2.5.4.15': 'businessCategory',
  '2.5.4.17': 'postalCode',
  '2.5.4.42': 'GN',
  '2.5.4.46': 'dnQualifier',
  '2.5.4.97': 'organizationIdentifier',
  '0.9.2342.19200300.100.1.1': 'UID',
  '0.9.2342.19200300.100.1.25': 'DC',
  '1.2.840.113549.1.9.1': 'emailAddress',
  '1.3.6.1.4.1.311.60.2.1.1': 'jurisdictionL',
  '1.3.6.1.4.1.311.60.2.1.2': 'jurisdictionST',
  '1.3.6.1.4.1.311.60.2.1.3': 'jurisdictionC',
}
const MOST_PARTS = 64
const MOST_TEXT = 4096

/** A distinguished name (RFC 5280, 4.1.2.4) as text, in the order of the certificate. */
export function nameText(bytes: Uint8Array, name: DerElement): string {
  return elements(bytes, name, MOST_PARTS)
    .map((set) =>
      elements(bytes, set, MOST_PARTS)
        .map((pair) => pairText(bytes, pair))
        .filter((text) => text !== undefined)
        .join(' + '),
    )
    .join(', ')
    .slice(0, MOST_TEXT)
}

function pairText(bytes: Uint8Array, pair: DerElement): string | undefined {
  const [key, value] = elements(bytes, pair, 2)
  if (key === undefined || value === undefined || key.tag !== der.oid) return undefined
  const oid = oidText(bytes, key)
  return `${KEYS[oid] ?? oid}=${stringText(bytes, value).replaceAll(SPECIAL, escape)}`
}

/** RFC 4514, 2.4: what would read as the end of a value, and what is no character, as `\\HH`. */
// oxlint-disable-next-line no-control-regex -- a NUL within a name is how one certificate passes for another's
const SPECIAL = /[,+"\\<>;\u0000-\u001f\u007f]/g

function escape(character: string): string {
  const code = character.charCodeAt(0)
  return code < 0x20 || code === 0x7f ? `\\${code.toString(16).padStart(2, '0')}` : `\\${character}`
}
