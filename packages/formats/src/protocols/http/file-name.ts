const MOST_NAME = 255

/**
 * The name under which a body is to be kept (Content-Disposition; RFC 6266, RFC 8187), as it was sent: an attacker's, with all that
 * may stand in one. Undefined where none is given.
 */
export function fileName(disposition: string | undefined): string | undefined {
  if (disposition === undefined) return undefined
  const name = extended(disposition) ?? plain(disposition)
  return name === undefined || name === '' ? undefined : name.slice(0, MOST_NAME)
}

/** `filename*=UTF-8''a%20b`. */
function extended(disposition: string): string | undefined {
  const parts = /;[\t ]*filename\*[\t ]*=[\t ]*([\w-]{1,32})'[\w-]{0,32}'([^\s;]{1,1024})/i.exec(disposition)
  if (parts === null) return undefined
  const bytes = Buffer.from(
    (parts[2] ?? '').replaceAll(/%([\da-f]{2})/gi, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 16)),
    ),
    'latin1',
  )
  return bytes.toString(parts[1]?.toLowerCase() === 'utf-8' ? 'utf8' : 'latin1')
}

/** `filename="a b"`, `filename=a`. */
function plain(disposition: string): string | undefined {
  const parts = /(?:^|;)[\t ]*filename[\t ]*=[\t ]*(?:"((?:[^"\\]|\\.){0,1024})|([^\s;"]{1,1024}))/i.exec(
    disposition,
  )
  return parts?.[1]?.replaceAll(/\\(.)/g, '$1') ?? parts?.[2]
}
