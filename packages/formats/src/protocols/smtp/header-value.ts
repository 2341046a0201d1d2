/** Texts of other alphabets in a header field (RFC 2047), as text; what cannot be read stays as it is. */
export function decodeWords(value: string): string {
  if (!value.includes('=?')) return value
  return value
    .replaceAll(/\?=\s{1,8}=\?/g, '?==?')
    .replaceAll(
      /=\?([\w-]{1,40})\?([bq])\?([^?\s]{0,512})\?=/gi,
      (whole, charset: string, form: string, text: string) => {
        const bytes =
          form.toLowerCase() === 'b'
            ? Buffer.from(text, 'base64')
            : fromQuoted(text.replaceAll('_', ' '), '=')
        return decoded(bytes, charset) ?? whole
      },
    )
}

/** A parameter of a field (RFC 2045, 5.1; 2231), such as the file name of a disposition. */
export function parameterOf(value: string, name: string): string | undefined {
  const simple = new RegExp(
    `;\\s{0,80}${name}\\s{0,8}=\\s{0,8}(?:"((?:[^"\\\\]|\\\\.)*)"|([^;\\s]+))`,
    'i',
  ).exec(value)
  if (simple !== null) return decodeWords(simple[1]?.replaceAll(/\\(.)/g, '$1') ?? simple[2] ?? '')
  const [, charset, text] =
    new RegExp(
      `;\\s{0,80}${name}(?:\\*0)?\\*\\s{0,8}=\\s{0,8}"?([\\w-]{0,40})'[^']{0,40}'([^;\\s"]+)`,
      'i',
    ).exec(value) ?? []
  return text === undefined ? undefined : (decoded(fromQuoted(text, '%'), charset ?? '') ?? text)
}

function fromQuoted(text: string, mark: '=' | '%'): Buffer {
  const plain = text.replaceAll(mark === '=' ? /=([\da-f]{2})/gi : /%([\da-f]{2})/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  )
  return Buffer.from(plain, 'latin1')
}

function decoded(bytes: Buffer, charset: string): string | undefined {
  const name = charset.toLowerCase()
  if (name === 'utf-8' || name === 'utf8') return bytes.toString('utf8')
  if (name === 'us-ascii' || name === 'iso-8859-1' || name === 'windows-1252' || name === '')
    return bytes.toString('latin1')
  return undefined
}
