import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CodedError } from '@vedette/base'
import { checkedAddress } from '../../../packages/intel/src/feeds/checked-address.ts'
import { getDocument } from '../../../packages/intel/src/feeds/get-document.ts'
import { seeded } from '../../../packages/store/src/testing/forgetful-files.ts'
import type { Figure } from '../row.ts'

const BUDGET = { maxBytes: 1 << 20, withinMs: 5000 }
const PUBLIC = { allow_private: false, allow_http: true }
const INSIDE = { allow_private: true, allow_http: true }
/** Where a feed may lie in this trial, and where nobody may come. */
const FEED_HOST = '127.0.0.2'

/** What reaches inside, in the spellings that URLs, resolvers and proxies take. */
const SPELLINGS = `
  127.0.0.1 127.1 0177.0.0.1 0x7f.0.0.1 0x7f000001 2130706433 017700000001 0 0.0.0.0 localhost localhost.
  LOCALHOST 127.0.0.1. 127。0。0。1 ①②⑦.0.0.1 [::1] [::] [0:0:0:0:0:0:0:1] [::ffff:127.0.0.1] [::ffff:7f00:1]
  [::127.0.0.1] [64:ff9b::7f00:1] [2002:7f00:1::] [fe80::1] [fd00:ec2::254] [fc00::1] [ff02::1]
  [::ffff:a9fe:a9fe] 169.254.169.254 0xa9fea9fe 0251.0376.0251.0376 2852039166 100.100.100.200 192.0.0.192
  10.0.0.1 172.16.0.1 192.168.0.1 198.18.0.1 224.0.0.1 255.255.255.255 240.0.0.1
`
  .trim()
  .split(/\s+/)

/** Feeds whose address, name or redirection leads inside. */
export async function addresses(seed: number, names: number): Promise<Figure[]> {
  const random = seeded(seed)
  let connections = 0
  const canary = createServer((_request, response) => response.end('secret'))
  canary.on('connection', () => {
    connections += 1
  })
  await listen(canary, '127.0.0.1')
  const { port } = canary.address() as AddressInfo
  const counts = { tried: 0, taken: 0 }
  const attempt = async (work: Promise<unknown>) => {
    counts.tried += 1
    try {
      await work
      counts.taken += 1
    } catch (error) {
      if (!(error instanceof CodedError)) throw error
    }
  }
  const quiet = new AbortController().signal

  for (const host of [...SPELLINGS, ...Array.from({ length: names }, () => spelled(random))]) {
    const url = URL.parse(`http://${host}:${port}/`)
    if (url) await attempt(getDocument(url, { reach: PUBLIC, budget: BUDGET }, quiet))
  }
  // Names with an address outside and one inside, in either order; nothing is asked of either.
  for (let i = 0; i < names; i += 1) {
    const both = [{ address: '8.8.8.8', family: 4 }, inside(random)]
    if (random() < 0.5) both.reverse()
    await attempt(checkedAddress(new URL(`http://feed-${i}.example/`), PUBLIC, () => Promise.resolve(both)))
  }
  // A name that leads elsewhere when it is asked again.
  let strayed = 0
  const feed = createServer((request, response) => {
    const to = new URL(request.url ?? '/', 'http://x').searchParams.get('to')
    if (to === null) response.end('a feed')
    else response.writeHead(302, { location: Buffer.from(to).toString('latin1') }).end()
  })
  await listen(feed, FEED_HOST, port)
  for (let i = 0; i < Math.min(names, 50); i += 1) {
    let asked = 0
    const rebinding = () => {
      asked += 1
      return Promise.resolve([{ address: asked === 1 ? FEED_HOST : '127.0.0.1', family: 4 }])
    }
    const url = new URL(`http://feed-${i}.example:${port}/`)
    const { body } = await getDocument(url, { reach: INSIDE, budget: BUDGET, resolve: rebinding }, quiet)
    if (body.toString() !== 'a feed') strayed += 1
  }
  for (const host of SPELLINGS) {
    for (const form of [
      `http://${host}:${port}/`,
      `//${host}:${port}/`,
      `https://${host}:${port}/`,
      `file://${host}/etc/passwd`,
    ]) {
      const url = new URL(`http://${FEED_HOST}:${port}/?to=${encodeURIComponent(form)}`)
      await attempt(getDocument(url, { reach: INSIDE, budget: BUDGET }, quiet))
    }
  }
  for (const server of [canary, feed]) {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  return [
    {
      name: 'addresses, names and redirections',
      value: counts.tried,
      must: { beAtLeast: 4 * SPELLINGS.length },
    },
    { name: 'of these, taken', value: counts.taken, must: { be: 0 } },
    { name: 'names that led elsewhere when asked again', value: strayed, must: { be: 0 } },
    { name: 'connections to what is inside', value: connections, must: { be: 0 } },
  ]
}

async function listen(server: Server, host: string, port = 0): Promise<void> {
  server.listen(port, host)
  await once(server, 'listening')
}

/** Some address of 127.0.0.0/8, each part of it decimal, octal or hexadecimal, and some parts in one. */
function spelled(random: () => number): string {
  const part = () => Math.floor(random() * 256)
  const bytes = [127, part(), part(), part()]
  const kept = Math.floor(random() * 4)
  const rest = bytes.slice(kept).reduce((sum, byte) => sum * 256 + byte, 0)
  return [...bytes.slice(0, kept), rest].map((number) => written(number, random())).join('.')
}

function written(number: number, choice: number): string {
  if (choice < 0.33) return String(number)
  return choice < 0.66 ? `0x${number.toString(16)}` : `0${number.toString(8)}`
}

function inside(random: () => number): { address: string; family: number } {
  const all = [
    '127.0.0.1',
    '10.1.2.3',
    '169.254.169.254',
    '::1',
    '::ffff:127.0.0.1',
    'fd00:ec2::254',
    '192.168.1.1',
  ]
  const address = all[Math.floor(random() * all.length)] ?? '127.0.0.1'
  return { address, family: address.includes(':') ? 6 : 4 }
}
