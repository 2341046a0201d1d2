import { isIP } from 'node:net'

/** An address and port as facts have them; nothing where the text is no address (a host's name is none). */
export function addressFacts(
  text: string | undefined,
  port: string | undefined,
): { readonly address?: string; readonly port?: number } {
  if (text === undefined || text.length > 64 || isIP(text) === 0) return {}
  const address = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(text)?.[1] ?? text
  const number = Number(port ?? 0)
  return { address, port: number <= 65_535 ? number : 0 }
}
