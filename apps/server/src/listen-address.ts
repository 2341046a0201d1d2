import { BlockList, isIP } from 'node:net'
import { CodedError } from '@vedette/base'
import { z } from 'zod'

/** Where a server listens. Port 0 takes a free one. */
export interface ListenAddress {
  readonly host: string
  readonly port: number
}

const PATTERN = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]+)):(\d{1,5})$/

/** `host:port` or `[IPv6]:port`, such as `127.0.0.1:8000`. */
export const listenAddressSchema = z.string().transform((text, context): ListenAddress => {
  const found = PATTERN.exec(text)
  const port = Number(found?.[3])
  if (!found || port > 65_535) {
    context.addIssue({ code: 'custom', message: 'expected host:port, such as 127.0.0.1:8000' })
    return z.NEVER
  }
  return { host: found[1] ?? found[2] ?? '', port }
})

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/** True for 127.0.0.0/8, ::1 (also written as a mapped IPv4 address) and `localhost`. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost') return true
  const family = isIP(host)
  return family !== 0 && loopback.check(host, family === 4 ? 'ipv4' : 'ipv6')
}

/**
 * What stands between an address and a safe start: whoever can read the wire could take a session.
 *
 * @throws {CodedError} `insecure-listen` for an address that is not loopback, without TLS
 */
export function refuseInsecure(address: ListenAddress, tls: boolean): void {
  if (tls || isLoopback(address.host)) return
  throw new CodedError(
    'insecure-listen',
    `Cannot listen on ${address.host}: an address other than loopback needs TLS (api.tls), since passwords and events would cross the network in the clear`,
  )
}

/** The error of a failed listen in words that say what to do. */
export function listenError(error: unknown, address: ListenAddress): CodedError {
  const reason = error instanceof Error && 'code' in error ? error.code : undefined
  const place = `${address.host}:${address.port}`
  if (reason === 'EADDRINUSE') {
    return new CodedError(
      'port-in-use',
      `Cannot listen on ${place}: port ${address.port} is taken by another program; stop it, name another port, or take a free one with \`--port 0\``,
      { cause: error },
    )
  }
  if (reason === 'EACCES') {
    return new CodedError(
      'port-forbidden',
      `Cannot listen on ${place}: this user may not take port ${address.port}; name one above 1023 or use \`--port 0\``,
      { cause: error },
    )
  }
  return new CodedError('listen-failed', `Cannot listen on ${place}: ${String(reason ?? error)}`, {
    cause: error,
  })
}
