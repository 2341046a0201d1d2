/** Where a connection for data goes, as FTP says it. */
export interface DataEndpoint {
  readonly address?: string
  readonly port: number
}

/** `192,0,2,1,4,1` of PORT and of the answer to PASV (RFC 959, 4.1.2). */
export function portOf(text: string): DataEndpoint | undefined {
  const numbers = /(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3})/
    .exec(text)
    ?.slice(1)
    .map(Number)
  if (numbers === undefined || numbers.some((number) => number > 255)) return undefined
  const [a, b, c, d, high = 0, low = 0] = numbers
  return { address: `${a}.${b}.${c}.${d}`, port: high * 256 + low }
}

/** `|2|2001:db8::1|5282|` of EPRT (RFC 2428, 2). */
export function extendedPortOf(text: string): DataEndpoint | undefined {
  const [, address, port] = /^\|[12]\|([\da-f.:]{2,45})\|(\d{1,5})\|/i.exec(text) ?? []
  const number = Number(port)
  return address === undefined || number > 65_535 ? undefined : { address, port: number }
}

/** `(|||6446|)` of the answer to EPSV (RFC 2428, 3): the address is the server's own. */
export function passivePortOf(text: string): DataEndpoint | undefined {
  const port = Number(/\(\|\|\|(\d{1,5})\|\)/.exec(text)?.[1])
  return Number.isInteger(port) && port <= 65_535 ? { port } : undefined
}
