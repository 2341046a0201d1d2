import { isIP } from 'node:net'

/** Names of hosts, as the log of a server that looks them up has them. */
const HOST =
  /^(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?)+\.?$/

/** Where somebody came from, which may be the name of a host: then `host` has it, in lower case. */
export function originFacts(text: string | undefined): { readonly address?: string; readonly host?: string } {
  const { address } = addressFacts(text, undefined)
  if (address !== undefined) return { address }
  return text !== undefined && HOST.test(text) ? { host: text.toLowerCase().replace(/\.$/, '') } : {}
}

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
